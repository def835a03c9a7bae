"""What is asked of the published marts, and how the answer is written."""

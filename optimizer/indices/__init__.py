"""What a plan is worth, in numbers a bureau knows."""

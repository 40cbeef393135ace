"""What time does by itself: reminders, the record of what nobody met, the bureau's own days."""

"""What is measured in people, and how synthetic people differ in it from real ones."""

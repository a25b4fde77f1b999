"""ROI masks, and what is measured in them."""

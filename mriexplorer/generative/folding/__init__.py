"""The cortical folding of real heads, coded as a few numbers per place and mixed place by place."""

"""Speed and quality, one module each, printing JSON: ratios to a floor measured in the same run."""

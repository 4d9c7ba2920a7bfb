"""Mind maps: what they are made of, drawn from headings and subjects, or by a chat model."""

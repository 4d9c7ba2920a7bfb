"""The functions: one folder, one Knative Service; none imports another."""

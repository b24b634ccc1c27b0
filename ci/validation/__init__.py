"""ci/validate, one topic a module."""

"""workflow/configuration: two people change a setting, and everything that was stays."""

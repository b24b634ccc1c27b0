"""What ci/fuzz-campaign is made of, one topic a module. docs/campaigns.md tells how a campaign is used."""

"""Where a household can be referred to: organisations and their help, as files that each organisation owns."""

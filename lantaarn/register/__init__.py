"""Law as data: what the municipality must publish and account for, made from the policy, catalogue and agreements."""

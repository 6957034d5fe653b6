"""Trade-offs between levels of the objective: plans on the efficient frontier, with what was proved of each."""

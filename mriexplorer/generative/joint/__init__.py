"""One model of brains and clinical records: who a person is, and what their brain is like, sampled together."""

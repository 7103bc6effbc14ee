"""What bones and bodies say of a person: probabilities of observations given age, stature and sex.

Pure measurement models. They know no roster and no programme; what they say of hypotheses is made
in :mod:`homeward.identification.evidence`.
"""

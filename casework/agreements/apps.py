from casework.frame import Room


class AgreementsConfig(Room):
    name = "casework.agreements"

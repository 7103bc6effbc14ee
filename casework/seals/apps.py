from casework.frame import Room


class SealsConfig(Room):
    name = "casework.seals"

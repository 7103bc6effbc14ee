from casework.frame import Room


class CustodyConfig(Room):
    name = "casework.custody"

from casework.frame import Room


class FiguresConfig(Room):
    name = "casework.figures"

from casework.frame import Room


class DocumentsConfig(Room):
    name = "casework.documents"

"""The admin site knows accounts and parties; families and genetics are never registered in it."""

from django.contrib import admin

from casework.parties.models import Party


@admin.register(Party)
class PartyAdmin(admin.ModelAdmin):
    """Parties are founded at the command line; here they are only seen."""

    list_display = ("code", "name", "kind", "hosted")

    def has_add_permission(self, request: object) -> bool:
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False

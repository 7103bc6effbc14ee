from django.utils.translation import gettext_lazy as _

from casework.frame import Group, Link, Room


class CustodyConfig(Room):
    name = "casework.custody"
    rail = (
        Link(Group.CUSTODY, _("Containers"), "custody:containers", "see custody"),
        Link(Group.CUSTODY, _("Items"), "custody:items", "see custody"),
        Link(Group.CUSTODY, _("Stock-taking"), "custody:stocktakes", "see custody"),
    )
    verbs = {
        "custody.enter_containers": _("entered containers"),
        "custody.move": _("moved containers"),
        "custody.pack": _("packed a container"),
        "custody.unpack": _("took an item out"),
        "custody.seal": _("put seals on a container"),
        "custody.check_seals": _("checked seals"),
        "custody.open": _("opened a container"),
        "custody.weigh": _("weighed"),
        "custody.declare_lost": _("declared a container lost"),
        "custody.declare_unreturned": _("declared a case not returned"),
        "custody.found_again": _("found a lost container"),
        "custody.enter_item": _("entered an item"),
        "custody.move_item": _("moved an item"),
        "custody.split": _("split an item"),
        "custody.merge": _("merged items"),
        "custody.take_sample": _("took a sample"),
        "custody.consume": _("entered that nothing is left of an item"),
        "custody.release": _("released an item to a family"),
        "custody.give_number": _("added a number"),
        "custody.void_event": _("voided an event"),
        "custody.void_container": _("voided a container’s entry"),
        "custody.void_item": _("voided an item’s entry"),
        "custody.begin_stocktaking": _("began to count a store"),
        "custody.enter_found": _("entered what was found in a store"),
        "custody.take_finding_back": _("took a finding back"),
        "custody.sign_off": _("signed a stock-taking off"),
        "custody.abandon_stocktaking": _("abandoned a stock-taking"),
        "custody.explain_difference": _("explained a difference"),
    }
    refusals = {
        "voided": _("This entry has been voided. It stays as it is."),
        "not-held": _("Your record says that another party has this container now. Only who has it acts on it."),
        "is-lost": _("This container is lost. Say first that it turned up."),
        "item-gone": _("This item has been split, merged, consumed, released or handed over. Act on what it became."),
        "number-empty": _("A number needs at least one letter or digit."),
        "number-used": _("A number is never given twice, not even after it was voided. This one belongs to:"),
        "seal-used": _("A seal is used once. This number was on:"),
        "unknown-zone": _("This time zone is not known. Write it like Asia/Seoul."),
        "in-the-future": _("This time has not come yet. Check the time and its zone."),
        "not-now": _(
            "This cannot follow on the container’s present state. If its last event is wrong, void that first."
        ),
        "not-first": _("A container does not enter the record in this state."),
        "void-later-first": _("What came after this rests on it. Void the later events first, the last one first."),
        "packed-twice": _("This item lies in this container already."),
        "not-inside": _("This item lies in no container."),
        "open-first": _("This container is closed. Open it first, so that its seals are looked at."),
        "take-out-first": _("This item lies in a container. Take it out, or move the container."),
        "seal-not-looked-at": _("Say of every seal how it was found."),
        "not-sent-out": _("Only a case of your own that was sent out can be declared not returned."),
        "bag-n-of-n": _("Give both numbers of the bag, such as 2 of 3, or neither."),
        "split-in-two": _("An item is split into two or more."),
        "merge-two": _("Merging needs two different items."),
        "not-voidable": _(
            "This cannot be voided by itself. An entry is voided with its page, a signed statement by all who signed."
        ),
        "already-voided": _("This has been voided already."),
        "void-children-first": _("Something was taken from this item. Void that first."),
        "not-empty": _("Something is entered as lying in this container. Take it out first."),
        "reason-empty": _("Say why. The reason stays beside it."),
        "being-counted": _("This store is being counted already. Go on with that, or sign it off."),
        "not-counting": _("This stock-taking has ended; nothing more is entered in it."),
        "nothing-to-explain": _("Only a difference of a stock-taking that was signed off is explained."),
    }

"""What happens in the field: leads, the life of a site, searches that are taken back, joint operations, units."""

from __future__ import annotations

from datetime import date

import pytest

from casework.journal.models import Record
from casework.laboratory.records import programme_of
from casework.operations import actions, queries
from casework.operations.life import NEXT_OF_OPERATION, NEXT_OF_SITE
from casework.operations.models import Operation, Search, Site, Unit
from casework.parties.actions import disclose
from casework.parties.models import Disclosure
from casework.parties.refusal import Refused
from homeward.errors import Nonsense
from homeward.programme import Ground, Place
from tests.casework.searching import search_records

pytestmark = pytest.mark.django_db
DAY = date(2019, 5, 6)


def code(refusal):
    return refusal.value.code


def site(number="S-1"):
    return Site.objects.get(site_id=number)


def test_what_is_known_of_the_search_comes_out_as_it_went_in(searched, arvad):
    held, meant = programme_of(arvad), search_records()
    for table in ("scenarios", "leads", "regions", "sites", "searches", "sources"):
        assert getattr(held, table) == getattr(meant, table), table


def test_a_lead_and_a_site_are_entered_once_and_the_journal_says_so(searched, lead):
    actions.enter_lead(by=lead, lead_id="L-2", text="By the well", given_on="2001-05", reliability=0.3)
    actions.enter_site(by=lead, site_id="S-9", ground=Ground(place=Place(lat=38.5, lon=127.3)), region="R-1")

    with pytest.raises(Refused) as twice:
        actions.enter_site(by=lead, site_id="S-9")
    with pytest.raises(Refused) as nowhere:
        actions.enter_site(by=lead, site_id="S-10", region="R-7")

    assert (code(twice), code(nowhere)) == ("number-on-record", "no-such-region")
    assert site("S-9").status == Site.Status.LEAD
    verbs = set(Record.objects.values_list("verb", flat=True))
    assert {"operations.enter_lead", "operations.enter_site"} <= verbs


def test_a_site_is_approved_by_the_consent_of_both_sides_and_of_nobody_else(
    searched, lead, negotiator, arvad, belmar, observer
):
    nominated = site("S-2")
    with pytest.raises(Refused) as own_word:
        actions.approve_site(by=negotiator, site=nominated, party=belmar, on=DAY)
    with pytest.raises(Refused) as neutral:
        actions.approve_site(by=negotiator, site=nominated, party=observer, on=DAY, said="a letter")
    with pytest.raises(Refused) as not_his:
        actions.approve_site(by=lead, site=nominated, party=arvad, on=DAY)

    actions.approve_site(by=negotiator, site=nominated, party=arvad, on=DAY)
    assert site("S-2").status == Site.Status.NOMINATED
    with pytest.raises(Refused) as again:
        actions.approve_site(by=negotiator, site=nominated, party=arvad, on=DAY)
    actions.approve_site(by=negotiator, site=nominated, party=belmar, on=DAY, said="Minutes of 3 May, item 4")

    assert site("S-2").status == Site.Status.APPROVED
    assert [code(one) for one in (own_word, neutral, not_his, again)] == [
        "say-where",
        "no-side",
        "not-permitted",
        "approved-already",
    ]
    with pytest.raises(Refused) as late:
        actions.approve_site(by=negotiator, site=nominated, party=belmar, on=DAY, said="again")
    assert code(late) == "not-nominated"


def test_a_side_that_withdraws_its_consent_closes_the_site_until_it_is_given_anew(
    searched, lead, negotiator, arvad, belmar
):
    for party in (arvad, belmar):
        actions.approve_site(by=negotiator, site=site("S-2"), party=party, on=DAY, said="Minutes, item 4")
    actions.move_site(by=lead, site=site("S-2"), status="open")
    theirs = site("S-2").approvals.get(party=belmar)
    with pytest.raises(Refused) as early:
        actions.withdraw_consent(by=negotiator, approval=theirs, on=date(2019, 5, 1), said="A note")

    actions.withdraw_consent(by=negotiator, approval=theirs, on=date(2019, 5, 9), said="Note of 9 May")
    with pytest.raises(Refused) as twice:
        actions.withdraw_consent(by=negotiator, approval=theirs, on=date(2019, 5, 9), said="Again")

    assert (code(early), code(twice)) == ("ends-before-start", "withdrawn-already")
    assert site("S-2").status == Site.Status.NOMINATED
    actions.approve_site(by=negotiator, site=site("S-2"), party=belmar, on=date(2019, 5, 20), said="Note of 20 May")
    assert site("S-2").status == Site.Status.APPROVED


@pytest.mark.parametrize(
    ("number", "status", "reason", "why"),
    [
        ("S-1", "closed", "", "not-next"),
        ("S-2", "abandoned", "", "say-why"),
        ("S-2", "approved", "", "not-next"),
        ("S-3", "nominated", "", "not-next"),
    ],
)
def test_a_site_takes_no_step_that_cannot_follow(searched, lead, number, status, reason, why):
    with pytest.raises(Refused) as refused:
        actions.move_site(by=lead, site=site(number), status=status, reason=reason)
    assert code(refused) == why


def test_no_site_is_nominated_of_which_nobody_said_where_or_closed_unsearched(searched, lead):
    actions.move_site(by=lead, site=site("S-3"), status="investigated")
    actions.move_site(by=lead, site=site("S-1"), status="open")
    with pytest.raises(Refused) as nowhere:
        actions.move_site(by=lead, site=site("S-3"), status="nominated")
    with pytest.raises(Refused) as unsearched:
        actions.move_site(by=lead, site=site("S-1"), status="closed")
    assert (code(nowhere), code(unsearched)) == ("no-ground", "nothing-searched")

    actions.enter_search(by=lead, site=site("S-1"), search_id="Q-2", on="2019-05-20", outcome="nothing", effort=4)
    assert actions.move_site(by=lead, site=site("S-1"), status="closed").status == "closed"


def test_every_state_is_reached_and_none_leads_to_what_there_is_not():
    for life, states in ((NEXT_OF_SITE, Site.Status), (NEXT_OF_OPERATION, Operation.State)):
        assert set(life) == set(states)
        assert {one for following in life.values() for one in following} <= set(states)


def test_a_search_that_is_taken_back_leaves_what_was_before_and_stays_in_the_journal(searched, lead, arvad):
    before = programme_of(arvad).searches
    entered = actions.enter_search(
        by=lead, site=site("S-1"), search_id="Q-2", on="2019-05-20", outcome="nothing", detection=0.7, trials=5
    )
    assert len(programme_of(arvad).searches) == 2

    actions.take_back(by=lead, record=entered, said={"search_id": "Q-2", "detection": 0.7}, reason="The wrong site")

    assert programme_of(arvad).searches == before
    kept = Record.objects.get(verb="operations.take_back")
    assert "The wrong site" in str(kept.values)
    assert "0.7" in str(kept.values)


def test_a_search_without_a_place_or_beyond_certainty_is_refused(searched, lead):
    with pytest.raises(Refused) as nowhere:
        actions.enter_search(by=lead, site=site("S-3"), search_id="Q-2", on="2019", outcome="nothing")
    assert code(nowhere) == "no-ground"
    with pytest.raises(Nonsense, match="detection"):
        actions.enter_search(by=lead, site=site(), search_id="Q-2", on="2019", outcome="nothing", detection=1.2)


def planned(by, party, **fields):
    plain = {"number": "J-1", "starts": DAY, "ends": date(2019, 6, 14), "people_own": 12, "people_other": 14}
    return actions.plan_operation(by=by, with_party=party, **{**plain, **fields})


def test_a_joint_operation_goes_nowhere_that_both_have_not_approved(searched, lead, belmar):
    one = planned(lead, belmar, sites=[site("S-1"), site("S-2")])
    assert one.days == 40
    actions.move_operation(by=lead, operation=one, state="agreed")
    with pytest.raises(Refused) as not_yet:
        actions.move_operation(by=lead, operation=one, state="deployed")
    with pytest.raises(Refused) as silent:
        actions.move_operation(by=lead, operation=one, state="suspended")
    assert (code(not_yet), code(silent)) == ("not-approved", "say-why")

    one.sites.set([site("S-1")])
    for state in ("deployed", "completed", "reported"):
        one = actions.move_operation(by=lead, operation=one, state=state)
    assert one.state == "reported"


def test_an_operation_that_ends_before_it_begins_is_refused(searched, lead, belmar):
    with pytest.raises(Refused) as wrong:
        planned(lead, belmar, ends=date(2019, 5, 1))
    assert code(wrong) == "ends-before-start"


def test_units_are_opened_on_open_sites_and_closed_once(searched, lead):
    with pytest.raises(Refused) as shut:
        actions.open_unit(by=lead, site=site(), number="U-1", opened_on=DAY, area_m2=4)
    actions.move_site(by=lead, site=site(), status="open")
    unit = actions.open_unit(by=lead, site=site(), number="U-1", opened_on=DAY, area_m2=4)
    with pytest.raises(Refused) as early:
        actions.close_unit(by=lead, unit=unit, state="sterile", closed_on=date(2019, 5, 1), depth_cm=90)
    closed = actions.close_unit(by=lead, unit=unit, state="sterile", closed_on=date(2019, 5, 9), depth_cm=90)
    with pytest.raises(Refused) as twice:
        actions.close_unit(by=lead, unit=unit, state="remains", closed_on=date(2019, 5, 9), depth_cm=90)
    assert [code(one) for one in (shut, early, twice)] == ["site-not-open", "ends-before-start", "unit-closed"]
    assert (closed.state, closed.depth_cm) == (Unit.State.STERILE, 90)


# --- accounts ---


def told(**fields):
    plain = {"scenario_id": "NEW", "about": "I-1", "kind": "ellipse", "weight": "0.2", "reliability": "0.5"}
    return {**plain, "burial": "isolated", "lat": "38.45", "lon": "127.4", "radius_m": "800", **fields}


def test_an_account_is_made_of_a_lead_and_moves_what_is_believed_until_it_is_taken_back(searched, browse, lead, arvad):
    client = browse(lead)
    form = client.get("/operations/accounts/enter/?lead=L-1").text
    assert 'value="S-1"' in form
    before = programme_of(arvad).scenarios
    assert client.post("/operations/accounts/enter/", told()).status_code == 302
    (entered,) = (one for one in programme_of(arvad).scenarios if one.scenario_id == "NEW")
    assert (entered.radius_m, entered.ground.place.radius_m, entered.reliability) == (800.0, None, 0.5)
    assert "NEW" in client.get("/operations/accounts/?text=NEW").text
    assert client.post("/operations/accounts/NEW/take-back/", {"reason": "heard twice"}).status_code == 302
    assert programme_of(arvad).scenarios == before


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"about": "NOBODY"}, "No missing person and no incident"),
        ({"scenario_id": "GRAVE"}, "A number is never used twice"),
        ({"kind": "elsewhere"}, "unless it is elsewhere"),
        ({"kind": "witness"}, "a bearing and a range"),
        ({"kind": "moved", "moved_to": "GRAVE", "lat": "", "lon": ""}, ""),
        ({"kind": "moved", "moved_to": "NOWHERE", "lat": "", "lon": ""}, "No account of this number"),
        ({"weight": "1.4"}, "less than or equal to 1"),
    ],
)
def test_an_account_that_cannot_be_is_refused_with_its_reason(searched, browse, lead, fields, words):
    answer = browse(lead).post("/operations/accounts/enter/", told(**fields))
    assert answer.status_code == (200 if words else 302)
    assert not words or words in answer.text


def test_nobody_takes_back_the_account_of_a_place_to_which_others_were_moved(searched, browse, lead):
    client = browse(lead)
    client.post("/operations/accounts/enter/", told(kind="moved", moved_to="GRAVE", lat="", lon="", radius_m=""))
    assert "Take that one back first" in client.post("/operations/accounts/GRAVE/take-back/", {"reason": "no"}).text


# --- who sees what ---


def test_the_other_side_sees_sites_only_once_they_are_disclosed_and_never_leads(
    searched, admit, arvad, belmar, negotiator
):
    theirs = admit(belmar, "field_lead")
    assert not queries.sites(by=theirs).exists()
    disclose(by=negotiator, kind=Disclosure.Kind.SITES, to=belmar)
    assert queries.sites(by=theirs).count() == 3
    assert not queries.leads(by=theirs).exists()
    with pytest.raises(Refused) as not_theirs:
        actions.move_site(by=theirs, site=site(), status="open")
    assert code(not_theirs) == "not-found"


@pytest.mark.parametrize("role", ["anthropologist", "dna_analyst", "family_liaison", "custodian", "administrator"])
def test_who_must_not_know_of_the_dig_does_not(searched, admit, arvad, browse, role):
    client = browse(admit(arvad, role))
    for address in ("sites/", "sites/S-1/", "leads/", "joint/"):
        assert client.get(f"/operations/{address}").status_code == 403


def test_places_are_withheld_from_whoever_may_see_operations_but_no_places(searched, browse, negotiator, lead):
    assert "38.44" not in browse(negotiator).get("/operations/sites/S-1/").text
    assert "38.44" in browse(lead).get("/operations/sites/S-1/").text


# --- pages ---


def test_every_page_opens_in_both_languages_and_a_site_that_there_is_not_is_not_found(searched, browse, lead, belmar):
    planned(lead, belmar, sites=[site()])
    client = browse(lead)
    for language, word in (("en", "Below the wall"), ("ko", "지점")):
        client.cookies["django_language"] = language
        for address in ("sites/", "sites/S-1/", "leads/", "leads/L-1/", "accounts/", "joint/", "joint/J-1/"):
            answer = client.get(f"/operations/{address}")
            assert answer.status_code == 200, address
        assert word in client.get("/operations/sites/S-1/").text
    assert client.get("/operations/sites/S-77/").status_code == 404


def test_sites_are_found_by_name_state_and_region(searched, browse, lead):
    client = browse(lead)
    listed = client.get("/operations/sites/?text=wall&status=approved&region=R-1").text
    assert "S-1" in listed
    assert "S-2" not in listed
    assert "No site answers to this" in client.get("/operations/sites/?text=zzz").text


def test_a_search_is_recorded_and_taken_back_through_the_pages(searched, browse, lead):
    client = browse(lead)
    given = {"search_id": "Q-2", "on": "2019-05-20", "outcome": "nothing", "detection": "0.7"}
    assert client.post("/operations/sites/S-1/search/", given).status_code == 302
    assert "Q-2" in client.get("/operations/sites/S-1/").text
    again = client.post("/operations/sites/S-1/search/", given).text
    assert "A number is never used twice" in again
    wrong = client.post("/operations/sites/S-1/search/", {**given, "search_id": "Q-3", "detection": "1.2"})
    assert wrong.status_code == 200
    assert Search.objects.count() == 2
    assert client.post("/operations/searches/Q-2/take-back/", {"reason": "twice"}).status_code == 302
    assert Search.objects.count() == 1


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({"lat": "127.3", "lon": "38.4"}, "less than or equal to 90"),
        ({"lat": "10", "lon": "20"}, "outside the theatre"),
        ({"lat": "38.4"}, "Both are needed"),
        ({"grid": "AA 0000"}, "No reading of this lies in the theatre"),
        ({"grid": "52S CG 2142 5958", "lat": "38", "lon": "127"}, "in one way"),
        ({"geometry": "POLYGON ((0 0, 1 1"}, "WKT"),
        ({"geometry": "POINT (10 10)"}, "outside the theatre"),
    ],
)
def test_a_place_that_cannot_be_is_refused_beside_its_field(searched, browse, lead, where, words):
    client = browse(lead)
    plain = {"site_id": "S-9", "burial": "isolated", "fixed_cost": "0", "cost_per_unit": "1"}
    answer = client.post("/operations/sites/enter/", {**plain, **where})
    assert answer.status_code == 200
    assert words in answer.text
    assert not Site.objects.filter(site_id="S-9").exists()


def test_a_reference_of_a_wartime_sheet_is_read_and_kept_with_its_uncertainty(searched, browse, lead):
    client = browse(lead)
    plain = {"site_id": "S-9", "burial": "isolated", "fixed_cost": "0", "cost_per_unit": "1", "grid": "CV 5171"}
    answer = client.post("/operations/sites/enter/", plain)
    if answer.status_code == 200:  # it can be read in several ways: the first is chosen
        assert "Which reading of it" in answer.text
        answer = client.post("/operations/sites/enter/", {**plain, "reading": "0"})
    assert answer.status_code == 302
    entered = site("S-9")
    assert entered.lat == pytest.approx(40.38, abs=0.02)
    assert entered.lon == pytest.approx(127.25, abs=0.03)
    assert entered.radius_m > 100


def test_places_are_those_of_the_programme_s_own_theatre(searched, browse, lead, arvad):
    from casework.laboratory.models import ProgrammeSettings

    kept = ProgrammeSettings.objects.get(holder=arvad)
    kept.values["search_theatre"] = "POLYGON ((32 34, 35 34, 35 36, 32 36, 32 34))"
    kept.save()
    plain = {"site_id": "S-9", "burial": "isolated", "fixed_cost": "0", "cost_per_unit": "1"}
    client = browse(lead)
    assert client.post("/operations/sites/enter/", {**plain, "lat": "35", "lon": "33"}).status_code == 302
    other = client.post("/operations/sites/enter/", {**plain, "site_id": "S-10", "lat": "38.4", "lon": "127.3"})
    assert "outside the theatre" in other.text

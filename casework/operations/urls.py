from django.urls import path

from casework.operations import acts, views

app_name = "operations"

urlpatterns = [
    path("accounts/", views.accounts, name="accounts"),
    path("accounts/enter/", acts.enter_account, name="enter_account"),
    path("accounts/<path:scenario_id>/take-back/", acts.take_back_account, name="take_back_account"),
    path("leads/", views.leads, name="leads"),
    path("leads/enter/", acts.enter_lead, name="enter_lead"),
    path("leads/<path:lead_id>/take-back/", acts.take_back_lead, name="take_back_lead"),
    path("leads/<path:lead_id>/", views.lead, name="lead"),
    path("searches/<path:search_id>/take-back/", acts.take_back_search, name="take_back_search"),
    path("joint/", views.operations, name="operations"),
    path("joint/plan/", acts.plan_operation, name="plan_operation"),
    path("joint/<path:number>/carry-on/", acts.move_operation, name="move_operation"),
    path("joint/<path:number>/", views.operation, name="operation"),
    path("sites/", views.sites, name="sites"),
    path("sites/enter/", acts.enter_site, name="enter_site"),
    path("sites/<path:site_id>/carry-on/", acts.move_site, name="move_site"),
    path("sites/<path:site_id>/consent/", acts.approve_site, name="approve_site"),
    path("sites/<path:site_id>/consent/<int:number>/withdraw/", acts.withdraw_consent, name="withdraw_consent"),
    path("sites/<path:site_id>/permit/", acts.set_permit, name="set_permit"),
    path("sites/<path:site_id>/search/", acts.enter_search, name="enter_search"),
    path("sites/<path:site_id>/unit/", acts.open_unit, name="open_unit"),
    path("sites/<path:site_id>/units/<str:number>/close/", acts.close_unit, name="close_unit"),
    path("sites/<path:site_id>/", views.site, name="site"),
]

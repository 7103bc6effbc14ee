from django.urls import path

from casework.figures import views
from casework.figures.files import FILES

app_name = "figures"

urlpatterns = [
    path("", views.figures, name="figures"),
    path("sheets/new/", views.lay_out, name="lay_out"),
    path("sheets/<slug:code>/", views.sheet, name="sheet"),
    path("sheets/<slug:code>/stream/", views.stream, name="stream"),
    path("sheets/<slug:code>/number/", views.cell, name="cell"),
    path("sheets/<slug:code>/number/<int:key>/clear/", views.clear, name="clear"),
    path("sheets/<slug:code>/footnote/", views.footnote, name="footnote"),
    path("sheets/<slug:code>/draw-up/", views.draw_up, name="draw_up"),
    path("sheets/<slug:code>/<int:number>/publish/", views.publish, name="publish"),
    path("sheets/<slug:code>/<int:number>/withdraw/", views.withdraw, name="withdraw"),
    path("statements/new/", views.draft, name="draft"),
    path("statements/<slug:code>/", views.statement, name="statement"),
    path("statements/<slug:code>/edit/", views.edit, name="edit"),
    path("statements/<slug:code>/redraft/", views.redraft, name="redraft"),
    path("statements/<slug:code>/<int:number>/publish/", views.publish_statement, name="publish_statement"),
    path("statements/<slug:code>/<int:number>/withdraw/", views.withdraw_statement, name="withdraw_statement"),
    path("public/", views.public, name="public"),
    path("public/<slug:party>/sheets/<slug:code>/", views.public_sheet, name="public_sheet"),
    path("public/<slug:party>/sheets/<slug:code>/<int:number>/", views.public_sheet, name="public_sheet_revision"),
    *(
        path(
            f"public/<slug:party>/sheets/<slug:code>/<int:number>.{kind}",
            views.public_file,
            {"kind": kind},
            name=f"public_{kind}",
        )
        for kind in FILES
    ),
    path("public/<slug:party>/statements/<slug:code>/", views.public_statement, name="public_statement"),
    path(
        "public/<slug:party>/statements/<slug:code>/<int:number>/",
        views.public_statement,
        name="public_statement_revision",
    ),
]

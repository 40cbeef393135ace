from django.urls import path

from units.views import accounts, identities, officer_requests

app_name = "accounts"
urlpatterns = [
    path("", accounts.listing, name="list"),
    path("export/", accounts.export, name="export"),
    path("disable/", accounts.disable_many, name="disable_many"),
    path("requests/", officer_requests.requests, name="requests"),
    path("requests/<int:pk>/", officer_requests.officer_request, name="request"),
    path("requests/<int:pk>/fetch/", officer_requests.fetch, name="fetch"),
    path("own/identity/", identities.link, name="identity"),
    path("own/identity/unlink/", identities.unlink, name="identity_unlink"),
    path("new/", accounts.new, name="new"),
    path("<int:pk>/", accounts.account, name="account"),
    path("<int:pk>/edit/", accounts.edit, name="edit"),
    path("<int:pk>/reset/", accounts.reset, name="reset"),
    path("<int:pk>/factor/", accounts.factor, name="factor"),
    path("<int:pk>/switch/", accounts.switch, name="switch"),
    path("<int:pk>/unlock/", accounts.unlock, name="unlock"),
    path("<int:pk>/roles/new/", accounts.assign, name="assign"),
    path("<int:pk>/roles/<int:assignment>/end/", accounts.end_role, name="end_role"),
    path("<int:pk>/roles/<int:assignment>/hand-over/", accounts.hand_over, name="hand_over"),
]

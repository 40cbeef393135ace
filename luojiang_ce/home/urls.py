from django.urls import path

from . import devices, many, passkeys, phrases, search, second_factor, sign_on, views

app_name = "home"
urlpatterns = [
    path("", views.start, name="start"),
    path("calendar/", views.calendar, name="calendar"),
    path("calendar/<int:year>/", views.calendar, name="calendar_year"),
    path("more/", views.more, name="more"),
    path("search/", search.search, name="search"),
    path("many/<uuid:uid>/", many.many_done, name="many_done"),
    path("many/<str:case_type>/<slug:name>/", many.many, name="many"),
    path("phrases/", phrases.phrases, name="phrases"),
    path("phrases/new/", phrases.new, name="phrase_new"),
    path("phrases/<int:pk>/switch/", phrases.switch, name="phrase_switch"),
    path("sign-in/", views.enter, name="sign_in"),
    path("sign-in/demo/", views.enter_demo, name="sign_in_demo"),
    path("sign-in/elsewhere/", sign_on.start, name="sign_on"),
    path("sign-in/elsewhere/back/", sign_on.back, name="sign_on_back"),
    path("sign-in/elsewhere/leave/", sign_on.leave, name="sign_on_leave"),
    path("sign-in/code/", second_factor.enter, name="second_factor"),
    path("sign-in/passkey/", second_factor.enter_with_passkey, name="passkey"),
    path("account/second-factor/passkeys/new/", passkeys.new, name="passkey_new"),
    path("account/second-factor/passkeys/<int:pk>/remove/", passkeys.remove, name="passkey_remove"),
    path("account/second-factor/", second_factor.own, name="own_factor"),
    path("account/second-factor/begin/", second_factor.begin, name="begin_factor"),
    path("account/second-factor/codes/", second_factor.renew, name="renew_codes"),
    path("account/second-factor/remove/", second_factor.remove, name="remove_factor"),
    path("sign-out/", views.leave, name="sign_out"),
    path("account/", views.account, name="account"),
    path("account/password/", views.password, name="password"),
    path("account/sessions/", devices.listing, name="sessions"),
    path("account/sessions/end-others/", devices.end_others, name="sessions_end_others"),
    path("account/sessions/<int:pk>/end/", devices.end, name="session_end"),
    path("account/theme/", views.theme, name="theme"),
    path("account/alive/", views.alive, name="alive"),
    path("privacy/", views.privacy, name="privacy"),
]

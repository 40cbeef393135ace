from django.apps import AppConfig


class DeclarationsConfig(AppConfig):
    name = "verification.declarations"
    label = "verification_declarations"
    verbose_name = "学时申报"

    def ready(self):
        from luojiang_ce.access.cases import register_case
        from luojiang_ce.files.registry import FileRules, register_files
        from luojiang_ce.home.registry import NavItem, register_demo, register_nav, register_todo
        from luojiang_ce.workflow.table import register_workflow
        from verification.declarations import demo
        from verification.declarations.materials import materials
        from verification.declarations.models import Declaration
        from verification.declarations.services import link_to_new, may_edit, on_their_way
        from verification.declarations.todos import todos
        from verification.declarations.workflow import WORKFLOW
        from verification.ledger.registry import register_ledger_link, register_on_its_way, register_standings
        from verification.ledger.views import READERS
        from verification.standing import standings

        register_case(Declaration)
        register_workflow(WORKFLOW)
        register_files(Declaration, FileRules(materials, may_edit))
        register_nav(NavItem("学时申报", "file-badge", "declarations:list", READERS, group="办理", order=45))
        register_todo(todos)
        register_demo("学时申报", demo.build, order=45)
        register_on_its_way(on_their_way)
        register_ledger_link(link_to_new)
        register_standings(standings)

"""Surnames, and the words beside which a name of a person is to be expected or not."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from ge_analysis.settings.model import Model
from ge_analysis.settings.yaml_files import read_yaml

Signs = Annotated[str, AfterValidator(lambda lines: "".join(lines.split()))]


class _Known(Model):
    """The whole of `names.yml`."""

    sure: Signs
    doubtful: Signs
    compound: frozenset[str]
    terms: tuple[str, ...]


_known = read_yaml(Path(__file__).with_name("names.yml"), _Known)
DOUBTFUL, COMPOUND, TERMS = frozenset(_known.doubtful), _known.compound, _known.terms
SURNAMES = frozenset(_known.sure) | DOUBTFUL
TITLES = (
    "先生(?!产)|女士(?!优)|小姐|姑娘|师傅|大[爷娘妈叔伯姐哥嫂婶]|阿姨|奶奶|爷爷|老[汉太]|副?(?:经理|主任|所长|队长|站长|书记|村长|局长|科长|主席|班长|组长|"
    "校长|厂长|院长|镇长|县长|部长|处长)|支书|主管|老板|老师|医生|大夫|会计|电工|同志|律师|总工|教授|院士|工程师"
)
SHORT_TITLES = "工(?![作程人业地具机厂商期资艺序种会况费区队时序])|总(?![是体结的计共会量数表投面之额长部装])|哥|姐|嫂|叔|婶|伯"
ROLES = (
    "[\u4e00-\u9fff][员者]|人员|[焊接线检修安装木瓦钳表]工(?!程|作|艺|厂|业|地|期|具|序)|专责|值长|[民交]警|警官|护士|财务|中介|出纳|监理|总监|代表|助理|"
    "老[公婆]|爱人|丈夫|妻子?|儿子|女儿|父亲|母亲|孙[子女]|儿媳|女婿|侄[子女]|"
    "[殖植困保体五]户|村民|居民|群众|住户|邻居|同村|本村|房[主东]|店主|职工|保安|"
    "门卫|[人主名者]|姓名|名字|签[字名]|业主|租户|司机|用户|客户|窗口"
)
LABELS = (
    "(?:办理|咨询|采集|经手|来访|投诉|反映|记录|填表|核查|审核|经办|签收|受访|被访|报[装修]|申请|联系|负责|委托|代理|收[款件])人|"
    "受访者|户[名主]|姓名|名叫"
)
SELF = "房东|本人|我[是叫]"
_ADDRESSED = "告知|通知|询问|联系|回访|委托|转告|陪同|答复|拜访|感谢|打给|投诉|举报|自称|配合|协助|[由找给叫请让派被跟受把]"
_DOES = (
    "反映|来电|来访|投诉|举报|[称说]|表示|提出|要求|申请|报装|报修|咨询|电话|手机|微信|身份证|处理|负责|代[办签为]|经办|办理|本人|家属|夫[妇妻]|父[子女]|母[子女]|"
    "兄弟|签[字收订认]|同意|到[场家]|[在离]家|在场|老人|退休|名下|拒|自[己行]|家(?![庄沟线村站坡湾山塔垣岭崖峪会河镇乡])"
)
_PLACE_END = "省线镇变沟庄乡街路桥县市区岭坡湾矿村站塬峪垣崖寺坪"
_NO_PLACE = "沟通|变[更成得]|路过|站[在着]|区[分别]|市场|线[上下]|街坊|[站村县镇区市]长|村[民委支主]"
_FIRM = (
    "[中小]学|学[校院]|医院|卫生院|公[司园]|集团|合作社|大厦|酒店|宾馆|商[场贸]|水库|煤[业矿]|电[站厂]|幼儿园|广场|台区|支线|分支|联络|[国电]网|国际|机械|化工|"
    "高速|[公铁]路|[佳花新家][苑园]|[景社小园]区|微波|水泥|建材|食品|科技|实业|置业|工业|养殖[场业]|大[街道]|[砖石]厂|牌"
)
TITLE = re.compile(f"{TITLES}|{SHORT_TITLES}|姓")
# A place that the dictionary lacks: 王庄线; 祁家河.
PLACE = re.compile(rf"[\u4e00-\u9fff]{{2,3}}[{_PLACE_END}]")
FAMILY_PLACE = re.compile(rf"[\u4e00-\u9fff]家[山河湖江川泉原塔崖峡洼梁台桥滩圪{_PLACE_END}]")
# What no given name is, and what begins in none.
NOT_GIVEN = re.compile(
    f"[的了在是不未没无把被将就都也又还很该此其与和及或等从到对于因由给让使且但而各每这那哪谁么吗呢吧啊已曾再只均请称说找打写]|"
    f"[少多有后前头家补装报交停送换修查收带走拆签讲看听去要想做办付退催投反应骑坐住{_PLACE_END}]$|^[为上下内外]$"
)
AFTER_ALL = re.compile(f"{TITLE.pattern}|{_FIRM}")
# What is beside a name, and how much likelier it makes one [log].
BEFORE = tuple(
    (re.compile(f"(?:{pattern})$"), weight)
    for pattern, weight in (
        ("^|[^\u4e00-\u9fff]", 1.0),
        (f"(?:{ROLES}|{TITLES}|{_ADDRESSED})[:： 是叫为]{{0,2}}", 3.0),
        (f"{LABELS}|{SELF}", 2.5),
        ("[老小]", 5.0),
        ("[一两三四五六七八九十几每这那各]", -4.0),
    )
)
AFTER = tuple(
    (re.compile(pattern), weight)
    for pattern, weight in (
        ("[^\u4e00-\u9fff]|$", 1.0),
        (_DOES, 2.5),
        ("家(?:里|门|屋|房|院|电|表|的|停|没|上次|三天|灯|冰箱|空调)", 2.5),
        (TITLES, 4.0),
        (SHORT_TITLES, 3.0),
        (r"[(（:：,，、 ]{0,2}\*\*\*", 2.5),
        (f"(?!{_NO_PLACE})[{_PLACE_END}]|{_FIRM}", -8.0),
    )
)
LONGEST_HINT = 6

"""Words people build guessable passwords from, folded: no tone marks, lower case, letters only.

Offline on purpose: no password, nor any part of its digest, ever leaves this machine. Sources: the shapes of
published lists of leaked passwords (English), the same habits in Vietnamese (names, places, greetings,
football), and the words of this service. The names of agencies come from the database at run time.
"""

ENGLISH = (
    "password passwort passwd passcode letmein welcome admin administrator root superuser user guest "
    "test testing login master secret secure security access changeme default qwerty qwertyuiop qwertz "
    "azerty asdf asdfgh asdfghjkl zxcv zxcvbn zxcvbnm qazwsx qazwsxedc iloveyou love lover princess "
    "dragon monkey football baseball superman batman sunshine shadow michael jordan ashley daniel "
    "jessica charlie thomas hunter freedom whatever trustno hello hallo summer winter spring autumn "
    "january february march april may june july august september october november december monday "
    "tuesday wednesday thursday friday saturday sunday computer internet server system database office "
    "company google facebook youtube zalo tiktok windows microsoft apple samsung iphone android money "
    "dollar million lucky black white green yellow orange purple silver golden diamond ginger pepper "
    "cheese cookie banana flower angel baby mother father family friend forever correct horse battery "
    "staple abc abcd abcde abcdef abcdefgh xyz the and for you me my is are not no yes a i new old good "
    "bad "
)
VIETNAMESE = (
    "mat khau matkhau mk tai khoan dang nhap quan tri he thong bi mat toi mat tuyet mat hoa toc hen gio "
    "van phong van thu cong van co quan buu dien buu chinh buu gui buu ta buu cuc nhan vien chuyen vien "
    "can bo giam doc pho giam doc chu tich bi thu truong phong uy ban nhan dan hoi dong tinh uy thanh "
    "pho tinh huyen xa phuong so khoa hoc cong nghe tai chinh cong an quan doi viet nam vietnam ha noi "
    "hanoi sai gon saigon ho chi minh hochiminh bac ninh bacninh bac giang bacgiang da nang danang hai "
    "phong haiphong can tho hue nha trang ha long quang ninh hai duong hung yen thai binh nam dinh "
    "thanh hoa nghe an viettel vnpt mobifone vinaphone vietcombank agribank xin chao cam on tam biet "
    "anh yeu em em yeu anh yeu toi yeu ban yeu me yeu bo gia dinh hanh phuc doc lap tu do may man phat "
    "tai loc phat thanh cong suc khoe con trai con gai ba me bo me ong ba anh chi em con chau nguyen "
    "tran le pham hoang huynh phan vu vo dang bui do ho ngo duong ly dinh dao mai trinh truong lam doan "
    "phung luong thi van duc minh hung dung tuan anh linh huong lan hoa mai cuc truc thao phuong ngoc "
    "thu xuan ha dong trang hien hanh hai long nam quang khanh bao son tung thang cuong kien trung hieu "
    "nghia quan huy khoi bong da vo dich chien thang ngay dem hom nay ngay mai mua xuan mua he mua thu "
    "mua dong mot hai ba bon nam sau bay tam chin muoi tram nghin trieu ty khong co la cua va cho toi "
    "ban minh "
)
SERVICE = (
    "kt kto buugui custody consignment ministry courier clerk auditor focal point post postal vnpost "
    "cbdtw bkhcn ubnd "
)

WORDS = frozenset(word for text in (ENGLISH, VIETNAMESE, SERVICE) for word in text.split())

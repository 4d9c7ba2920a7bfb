"""The commonest passwords of 10 or more characters: those that guessers try first.

Gathered from what published lists agree on; shorter ones are refused by their length.
"""

_WORDS = """
password12 password123 password1234 password12345 passwort123 passw0rd123 p@ssw0rd123 p@ssword123
mypassword mypassword1 newpassword newpassword1 changeme123 changeme1234 letmein123 letmein1234
welcome123 welcome1234 welcome2023 welcome2024 welcome2025 welcome2026 admin12345 admin123456
administrator administrator1 adminadmin adminadmin1 rootroot12 superuser1 superadmin qwertyuiop
qwertyuiop1 qwertyuiop123 qwerty12345 qwerty123456 qwerty1234 qwertyqwerty 1q2w3e4r5t 1q2w3e4r5t6y
1qaz2wsx3edc 1qazxsw23edc qazwsxedcrfv qazwsxedc123 zxcvbnm123 zxcvbnmasdf asdfghjkl1 asdfghjkl123
asdfasdfasdf asdfghjkl; 1234567890 0123456789 9876543210 0987654321 12345678910 123456789a
a123456789 123456789q 1234567891 12345678901 123456789012 123123123123 1234512345 123456123456
1122334455 1212121212 1111122222 1357924680 abc1234567 abcd123456 abcdefghij abcdefghijk
abcdefghijklmnop abcde12345 aaaaa11111 iloveyou12 iloveyou123 iloveyou1234 iloveyou2u sunshine123
princess123 football123 baseball123 basketball basketball1 superman123 batman1234 starwars123
pokemon123 dragon1234 monkey1234 shadow1234 master1234 michael123 jennifer123 charlie123
computer123 internet123 samsung123 google1234 facebook123 linkedin123 whatever123 trustno1234
freedom123 liverpool1 manchester chelsea123 arsenal1234 barcelona1 realmadrid america123
australia1 germany123 secret1234 secret12345 letmeinnow default123 testtest123 test123456
testing123 test1234567 guest12345 user123456 username123 access1234 company123 office2024
summer2023 summer2024 summer2025 summer2026 winter2023 winter2024 winter2025 winter2026 spring2024
spring2025 spring2026 autumn2024 autumn2025 autumn2026 january2026 november2026 december2026
correcthorsebatterystaple thisisapassword thequickbrownfox lectern123 lectern1234 lecternlectern
rkskekfk123 tkfkdgo123 dkssudgktpdy qlalfqjsgh qlalfqjsgh1 alfodhs123 gksrnrdj123 dlrjsqlalf
"""

COMMON: frozenset[str] = frozenset(_WORDS.split()) | {"correct horse battery staple"}
"""In lower case."""

"""Which claims a passage bears out: figures, units, negations, opposites, in several languages."""

import pytest

from functions.answer.quantities import quantities
from functions.answer.support import Question, supports

SUPPORTED = [
    ("The warranty does not cover water damage.", "The warranty does not cover water damage."),
    ("Water damage is not covered by the warranty.", "The warranty does not cover water damage."),
    ("Employees cannot carry over unused leave.", "Employees may not carry over unused leave."),
    ("Smoking in rooms is prohibited.", "Smoking in rooms is prohibited at all times."),
    ("Guests must not smoke in rooms.", "Smoking in rooms is prohibited for guests."),
    ("The notice period is 3 months.", "The notice period is three months."),
    ("The notice period is three months.", "The notice period is 3 months."),
    ("The company had 1200 employees.", "The company had 1,200 employees in 2019."),
    ("The company had 1,200 employees.", "The company had 1200 employees."),
    ("The budget was 5 million dollars.", "The budget was $5,000,000."),
    ("The budget was $5 million.", "The budget was 5 million dollars in all."),
    ("Costs fell by 20%.", "Costs changed by -20 % against the year before; costs fell."),
    ("The device works down to -20 degrees.", "The device works down to -20 degrees."),
    ("The yearly interest is 2.50 percent.", "The yearly interest is 2.5% for all."),
    ("The share is 12,5 %.", "The share is 12.5% of the whole."),
    ("Version v2 is supported.", "Version v2 is supported until May."),
    ("Version 1.2.3 is affected.", "Version 1.2.3 is affected by the flaw."),
    ("The fee is 500 USD per seat.", "The fee is USD500 per seat."),
    ("The pump delivers 40 litres per minute.", "The pump delivers 40 litres per minute."),
    ("The pump delivers 40 l per minute.", "The pump delivers 40 litres per minute."),
    ("Revenue increased in the third quarter.", "Revenue rose in the third quarter."),
    ("Revenue rose in the third quarter.", "In the third quarter revenue grew, and costs fell."),
    ("Thirty people attended the fair in Rome.", "At the fair in Rome, 30 people attended."),
    ("Receipts are due within 30 days.", "Receipts are due no later than 30 days after travel."),
    ("The limit is not more than 140 euros.", "The limit is at most 140 euros a night."),
    ("Two of the samples failed.", "2 of the samples failed the test."),
    ("The tank holds 3 tonnes.", "| Tank | holds |\n| first | 3 tonnes |"),
    ("The size of one file is 1 GiB.", "| What | Limit |\n| Size of one file | 1 GiB |"),
    ("The closet server used 1505 kWh.", "| Server | kWh used |\n| closet server used | 1,505 |"),
    ("On 5 March 2019 the board met.", "The board met on March 5, 2019."),
    ("One of the engines failed.", "An engine of the two engines failed."),
    ("The valve closes at 9 bar.", "The valve closes at 9 bar and opens at 12 bar."),
    ("The pilot was not injured.", "The pilot was not injured. The aircraft burned out."),
    ("The pilot was unhurt.", "The pilot was unhurt, but the passenger was not."),
    ("보증 기간은 2년입니다.", "제품의 보증 기간은 2년입니다."),
    ("보증기간은2년입니다.", "보증기간은 2년이다."),
    ("휴가 신청은 3일 전까지 해야 합니다.", "휴가 신청은 최소 3일 전에 해야 합니다."),
    ("예산은 5만 원입니다.", "예산은 50,000원입니다."),
    ("실내 흡연은 금지됩니다.", "모든 실내 흡연은 금지됩니다."),
    ("이 방은 사용할 수 없습니다.", "공사 중에는 이 방은 사용할 수 없습니다."),
    ("매출이 20% 증가했습니다.", "매출이 작년보다 20퍼센트 증가했습니다."),
    ("保修期限为24个月。", "产品的保修期限为24个月。"),
    ("保証期間は2年です。", "保証期間は購入日から2年です。"),
]
UNSUPPORTED = [
    ("The warranty covers water damage.", "The warranty does not cover water damage."),
    ("The warranty does not cover water damage.", "The warranty covers water damage."),
    ("Employees may carry over unused leave.", "Employees may not carry over unused leave."),
    ("Operators may open the valve before venting.", "Operators must never open the valve."),
    ("Smoking in rooms is allowed.", "Smoking in rooms is prohibited."),
    ("The door can be opened without a key.", "The door can be opened with a key."),
    ("The notice period is five months.", "The notice period is three months."),
    ("The notice period is 5 months.", "The notice period is three months."),
    ("The notice period is three weeks.", "The notice period is three months."),
    (
        "The notice period is 30 days.",
        "The notice period is 90 days. Rent is due on the 30 of each month.",
    ),
    ("The company had 1,300 employees.", "The company had 1,200 employees."),
    ("The company had 12000 employees.", "The company had 1,200 employees."),
    ("The budget was 5 million dollars.", "The budget was 5 thousand dollars."),
    ("The budget was 5 billion dollars.", "The budget was 5 million dollars."),
    ("The budget was 500 euros.", "The budget was 500 dollars."),
    ("The fee is USD500 per seat.", "The fee is USD900 per seat."),
    ("The pump delivers 40 litres per hour.", "The pump delivers 40 litres per minute."),
    ("The pump delivers 40 ml per minute.", "The pump delivers 40 litres per minute."),
    ("The dose is 5 g.", "The dose is 5 mg."),
    ("The share is 12%.", "The share grew by 12 points."),
    ("The device works down to -20 degrees.", "The device works down to 20 degrees."),
    ("The device works at 20 degrees.", "The device works at -20 degrees."),
    ("Version v4 is supported.", "Version v2 is supported."),
    ("Version 1.2.4 is affected.", "Version 1.2.3 is affected."),
    ("Interest is 2.5 percent.", "The interest is 25 percent."),
    ("Revenue increased in the third quarter.", "Revenue decreased in the third quarter."),
    ("Costs fell last year.", "Costs rose last year."),
    ("The temperature stays above 20 degrees.", "The temperature stays below 20 degrees."),
    ("More than 100 people attended.", "Fewer than 100 people attended."),
    ("Applications are sent before the deadline.", "Applications are sent after the deadline."),
    ("The minimum order is 10 units.", "The maximum order is 10 units."),
    ("The price includes breakfast.", "The price excludes breakfast."),
    ("The board accepted the offer.", "The board rejected the offer."),
    ("Twenty-five people attended.", "There were 52 people who attended."),
    ("The valve closes at 12 bar.", "The valve closes at 9 bar."),
    ("The pilot was injured.", "The pilot was not injured."),
    ("The board met on 6 March 2019.", "The board met on March 5, 2019."),
    ("保修期限为36个月。", "产品的保修期限为24个月。"),
    ("保証期間は購入日から5年です。", "保証期間は購入日から2年です。"),
    ("휴가 신청은 최소 7일 전에 해야 합니다.", "휴가 신청은 최소 3일 전에 해야 합니다."),
    ("보증기간은5년입니다.", "보증기간은2년입니다."),
    ("예산은 5만 원입니다.", "예산은 5억 원입니다."),
    ("실내 흡연은 허용됩니다.", "실내 흡연은 금지됩니다."),
    ("이 방은 사용할 수 있습니다.", "이 방은 사용할 수 없습니다."),
    ("매출이 20% 증가했습니다.", "매출이 20% 감소했습니다."),
    ("참가자는 12명입니다.", "참가자는 21명입니다."),
]


@pytest.mark.parametrize(("claim", "passage"), SUPPORTED)
def test_what_a_passage_says_in_other_words_is_supported(claim: str, passage: str) -> None:
    [found] = supports([Question(claim, passage)], None)

    assert found.supported, found


@pytest.mark.parametrize(("claim", "passage"), UNSUPPORTED)
def test_what_a_passage_does_not_say_is_not_supported(claim: str, passage: str) -> None:
    [found] = supports([Question(claim, passage)], None)

    assert not found.supported, found


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,200 and 1200.50", ["1200", "1200.50"]),
        ("twenty-five or three", ["25", "3"]),
        ("USD500, \N{MINUS SIGN}3 and x-4", ["500", "-3", "4"]),
        ("5만 원, 3억", ["50000", "300000000"]),
        ("pages 5-7", ["5", "7"]),
        ("one of them", []),
    ],
)
def test_figures_are_read_with_sign_and_scale(text: str, values: list[str]) -> None:
    assert [f"{each.value * each.scale:f}" for each in quantities(text)] == values

"""The acts of the trail and what they concern, in the words of the pages. A test finds every act without a word."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

# In the order in which the filter offers them: (code, title, {action: word}).
GROUPS: tuple[tuple[str, object, dict[str, object]], ...] = (
    ("signing", _("Đăng nhập, mật khẩu"), {
        "account.signed_in": _("Đăng nhập"),
        "account.sign_in_failed": _("Đăng nhập không được"),
        "account.locked_out": _("Tạm khóa đăng nhập"),
        "account.signed_out": _("Đăng xuất"),
        "account.session_ended": _("Kết thúc phiên"),
        "account.password_changed": _("Đổi mật khẩu"),
        "account.second_step_added": _("Thêm bước xác thực thứ hai"),
        "account.second_step_removed": _("Gỡ bước xác thực thứ hai"),
        "account.second_step_failed": _("Sai mã ở bước xác thực thứ hai"),
        "account.second_step_renewed": _("Tạo lại mã dự phòng"),
    }),
    ("rights", _("Tài khoản, quyền"), {
        "account.create": _("Tạo tài khoản"),
        "account.close": _("Đóng tài khoản"),
        "account.reopen": _("Mở lại tài khoản"),
        "account.invite": _("Mời dùng tài khoản"),
        "account.password_reset": _("Đặt lại mật khẩu cho tài khoản"),
        "account.second_step_reset": _("Gỡ bước xác thực thứ hai của tài khoản"),
        "account.password_set": _("Đặt mật khẩu lần đầu"),
        "account.review": _("Rà soát tài khoản"),
        "account.tie_declare": _("Khai báo xung đột lợi ích"),
        "account.tie_end": _("Kết thúc xung đột lợi ích"),
        "account.": _("Thay đổi tài khoản"),
        "assignment.give": _("Giao vai trò"),
        "assignment.": _("Thay đổi vai trò"),
        "deputy.": _("Ủy quyền"),
    }),
    ("units", _("Đơn vị, địa bàn"), {
        "unit.created": _("Thêm đơn vị"),
        "unit.changed": _("Sửa đơn vị"),
        "unit.closed": _("Kết thúc đơn vị"),
        "unit.reopened": _("Mở lại đơn vị"),
        "unit.settled": _("Xếp lại địa bàn"),
        "unit.undone": _("Hoàn tác thay đổi"),
        "unit.contact": _("Sửa liên hệ"),
        "unit.not_duplicate": _("Xác nhận không trùng"),
        "unit.ask_again": _("Hỏi lại về bản ghi trùng"),
        "units.import": _("Nhập danh sách đơn vị"),
        "lineage.": _("Nhập sáp nhập, chia tách"),
        "unit.": _("Thay đổi đơn vị"),
        "units.": _("Thay đổi đơn vị"),
        "divisions.loaded": _("Nạp đơn vị hành chính"),
        "authority.settings": _("Thiết lập văn bản"),
        "group.create": _("Lập cụm, khối"),
        "group.change": _("Sửa cụm, khối"),
        "group.end": _("Kết thúc cụm, khối"),
        "group.join": _("Đưa vào cụm, khối"),
        "group.leave": _("Đưa ra khỏi cụm, khối"),
        "group.follow": _("Đổi thành viên cụm, khối theo danh bạ"),
        "group.unjoin": _("Bỏ tên ghi nhầm"),
    }),
    ("scores", _("Chấm điểm, hồ sơ"), {
        "score.save": _("Ghi điểm"),
        "score.import": _("Nhập điểm từ tệp"),
        "evidence.add": _("Gắn minh chứng"),
        "evidence.withdraw": _("Gỡ minh chứng"),
        "attestation.add": _("Ghi xác nhận"),
        "attestation.withdraw": _("Rút xác nhận"),
        "minutes.add": _("Đính kèm biên bản"),
        "assessment.self_scored": _("Tự chấm xong"),
        "assessment.submitted": _("Gửi hồ sơ"),
        "assessment.checked": _("Kiểm tra"),
        "assessment.appraised": _("Thẩm định"),
        "assessment.decided": _("Xét duyệt"),
        "assessment.published": _("Công bố"),
        "assessment.return": _("Trả lại"),
        "assessment.opinion": _("Ghi ý kiến"),
        "assessment.hand_over": _("Chuyển hồ sơ"),
        "assessment.inherit": _("Nhận hồ sơ"),
        "assessment.close": _("Kết thúc hồ sơ"),
        "assessment.": _("Chuyển bước"),
    }),
    ("campaigns", _("Kỳ đánh giá, bộ tiêu chí"), {
        "campaign.open": _("Mở kỳ đánh giá"),
        "campaign.register": _("Bổ sung đơn vị"),
        "campaign.close": _("Đóng kỳ đánh giá"),
        "campaign.deadlines": _("Đặt lại hạn"),
        "campaign.extend": _("Gia hạn"),
        "scheme.import": _("Nhập bộ tiêu chí"),
    }),
    ("decisions", _("Quyết định"), {
        "decision.record": _("Ghi quyết định"),
        "decision.attach": _("Đính kèm bản quét"),
    }),
    ("practice", _("Mô hình, điển hình"), {
        "model.create": _("Ghi mô hình"),
        "model.change": _("Sửa mô hình"),
        "model.move": _("Đổi trạng thái mô hình"),
        "model.review": _("Đánh giá mô hình"),
        "point.create": _("Thêm điểm mô hình"),
        "point.change": _("Sửa điểm mô hình"),
        "point.resize": _("Ghi quy mô điểm"),
        "exemplar.choose": _("Chọn điển hình"),
        "exemplar.note": _("Ghi về điển hình"),
    }),
    ("awards", _("Khen thưởng"), {
        "award.round_open": _("Mở đợt khen thưởng"),
        "award.round_close": _("Kết thúc đợt khen thưởng"),
        "award.nominate": _("Đề nghị khen thưởng"),
        "award.nomination_change": _("Sửa đề nghị"),
        "award.nomination_withdraw": _("Rút đề nghị"),
        "award.decide": _("Quyết định khen thưởng"),
        "award.record": _("Ghi khen thưởng"),
        "award.revoke": _("Hủy bỏ khen thưởng"),
        "award.recover": _("Thu hồi hiện vật, tiền"),
    }),
    ("taking", _("Xem và tải danh sách hạn chế, xuất tệp"), {
        "list.export": _("Xuất danh sách"),
        "award.persons_view": _("Xem danh sách cá nhân"),
        "award.persons_export": _("Tải danh sách cá nhân"),
        "reports.persons_read": _("Tải phụ lục cá nhân"),
    }),
    ("files", _("Tệp"), {
        "file.store": _("Lưu tệp"),
        "file.remove": _("Hủy nội dung tệp"),
    }),
    ("system", _("Việc chạy nền, hệ thống"), {
        "job.create": _("Yêu cầu việc chạy nền"),
        "job.cancel": _("Dừng việc chạy nền"),
        "setting.set": _("Đặt giá trị chung"),
        "backup.make": _("Sao lưu"),
        "backup.restore": _("Khôi phục"),
        "audit.prune": _("Cắt nhật ký"),
    }),
)  # fmt: skip

_WORDS = {action: word for _code, _title, words in GROUPS for action, word in words.items()}

# What the keys of "before" and "after" are called on the pages.
FIELDS = {
    "achieved_from": _("thành tích từ ngày"),
    "achieved_to": _("thành tích đến ngày"),
    "address": _("địa chỉ"),
    "awards": _("số khen thưởng"),
    "base": _("giá trị trước"),
    "by_decision": _("theo quyết định"),
    "cells": _("các mục đã nhập"),
    "class": _("loại"),
    "code": _("mã"),
    "committee_name": _("tên Ban Chỉ đạo"),
    "count": _("số lượng"),
    "decision": _("quyết định"),
    "digest": _("dấu kiểm tra"),
    "email": _("thư điện tử"),
    "ended_on": _("ngày kết thúc"),
    "field": _("lĩnh vực"),
    "first_day": _("từ ngày"),
    "form": _("hình thức"),
    "from": _("từ"),
    "ground": _("căn cứ"),
    "group": _("cụm, khối"),
    "heir": _("đơn vị kế thừa"),
    "kind": _("loại"),
    "last_day": _("đến hết ngày"),
    "managing_level": _("cấp quản lý"),
    "members": _("thành viên"),
    "met": _("đáp ứng"),
    "money": _("tiền thưởng"),
    "name": _("tên"),
    "nominations": _("số đề nghị"),
    "not_applicable": _("lý do không áp dụng"),
    "note": _("ghi chú"),
    "number": _("số văn bản"),
    "object_returned_on": _("ngày nộp lại hiện vật"),
    "on": _("ngày"),
    "outcome": _("kết quả"),
    "pages": _("trang"),
    "parent": _("nơi trực thuộc"),
    "phone": _("điện thoại"),
    "points": _("điểm"),
    "points_ended": _("số điểm mô hình kết thúc"),
    "position": _("chức vụ"),
    "rating": _("xếp loại"),
    "recipient_kind": _("đối tượng"),
    "refused": _("số không được khen"),
    "revoked_on": _("ngày hủy bỏ"),
    "role": _("vai trò"),
    "school_code": _("mã trường"),
    "sha256": _("mã băm của tệp"),
    "since": _("từ ngày"),
    "started_on": _("ngày bắt đầu"),
    "state": _("trạng thái"),
    "subkind": _("phân loại"),
    "tax_code": _("mã số thuế"),
    "teams": _("số tổ"),
    "text": _("nội dung"),
    "to": _("đến"),
    "unit": _("đơn vị"),
    "units": _("đơn vị"),
    "until": _("đến hết ngày"),
    "username": _("tên đăng nhập"),
    "valid_from": _("từ ngày"),
    "valid_to": _("đến hết ngày"),
    "value": _("giá trị"),
    "year": _("năm"),
    "dated_on": _("ngày văn bản"),
}


def action_word(action: str) -> str:
    """What an act is called; one of a family (``account.``) where it has no word of its own."""
    word = _WORDS.get(action) or _WORDS.get(f"{action.split('.', maxsplit=1)[0]}.")
    return str(word or _("Việc khác"))


def has_word(action: str) -> bool:
    return action in _WORDS or f"{action.split('.', maxsplit=1)[0]}." in _WORDS


def group_choices() -> list[tuple[str, str]]:
    return [(code, str(title)) for code, title, _words in GROUPS]


def group_actions(code: str) -> tuple[list[str], list[str]]:
    """``(actions, families)`` of a group; a family is the beginning of an action."""
    words = next((words for name, _title, words in GROUPS if name == code), {})
    return [a for a in words if not a.endswith(".")], [a for a in words if a.endswith(".")]

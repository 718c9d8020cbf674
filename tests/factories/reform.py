"""Both sides of 1/7/2025 in one province made of three: what merges, what is split, what is folded, what is lost."""

from datetime import date
from types import SimpleNamespace

from .ground import REFORM, version
from .reports import everything, opened, results, spread
from .units import lineage

FOLDED = date(2025, 9, 1)


def goes_on(old, under, **changes):
    """The unit of ``old`` from 1/7/2025 on, below ``under``."""
    facts = {"name": old.name, "code": old.code, "level": old.managing_level, **changes}
    return version(old.kind, under, unit=old.unit, since=REFORM, **facts)


def cantho():
    """``(ground, {name: version of 2023})``.

    Old: Cần Thơ (Phường Cái Khế), Hậu Giang (Xã Vị Đông, Thị trấn Nàng Mau, Xã Lạc Loài), Sóc Trăng (Xã Kế Sách);
    new: Cần Thơ with Phường Cái Khế, Xã Vị Thủy (Vị Đông whole, a part of Nàng Mau), Xã Vị Thanh 1 (the main part of
    Nàng Mau), Xã Kế Sách (another unit of the same name). Below each old commune a hamlet and an office, which go on
    below the main successor; in Vị Đông an office that ends with it and one that was folded into the office of Nàng
    Mau; in Lạc Loài, which nothing succeeds, an office that ends. One office stands right below Hậu Giang.
    """
    old = {
        code: version("province", name=name, code=code, until=REFORM)
        for code, name in (("92", "Thành phố Cần Thơ"), ("93", "Tỉnh Hậu Giang"), ("94", "Tỉnh Sóc Trăng"))
    }
    new = version("province", name="Thành phố Cần Thơ", code="92", since=REFORM)
    then = {
        name: version("commune", version("district", old[code], until=REFORM), name=name, code=number, until=REFORM)
        for code, name, number in (
            ("92", "Phường Cái Khế", "31117"), ("93", "Xã Vị Đông", "31474"), ("93", "Thị trấn Nàng Mau", "31441"),
            ("93", "Xã Lạc Loài", "31499"), ("94", "Xã Kế Sách", "31528"),
        )
    }  # fmt: skip
    now = {
        name: version("commune", new, name=name, code=number, since=REFORM, level="province")
        for name, number in (
            ("Phường Cái Khế", "31117"), ("Xã Vị Thủy", "31441"), ("Xã Vị Thanh 1", "31480"), ("Xã Kế Sách", "31528"),
        )
    }  # fmt: skip
    for one in old.values():
        lineage(one, new)
    lineage(then["Phường Cái Khế"], now["Phường Cái Khế"])
    lineage(then["Xã Kế Sách"], now["Xã Kế Sách"])
    lineage(then["Xã Vị Đông"], now["Xã Vị Thủy"])
    lineage(then["Thị trấn Nàng Mau"], now["Xã Vị Thủy"], kind="split", share="part", main=False)
    lineage(then["Thị trấn Nàng Mau"], now["Xã Vị Thanh 1"], kind="split", share="part", main=True)

    units = dict(then)
    heirs = {"Thị trấn Nàng Mau": "Xã Vị Thanh 1", "Xã Vị Đông": "Xã Vị Thủy"}
    for name, commune in then.items():
        for kind, word in (("residential_area", "Ấp 1"), ("agency", "Cơ quan")):
            one = version(kind, commune, name=f"{word} {name}", level="commune")
            units[one.name] = one
            if heir := now.get(heirs.get(name, name)):
                goes_on(one, heir)
    units["Cơ quan kết thúc"] = version("agency", then["Xã Vị Đông"], name="Cơ quan kết thúc", level="commune")
    twin = version("agency", then["Xã Vị Đông"], name="Cơ quan ghi trùng", level="commune")
    units[twin.name] = twin
    goes_on(twin, now["Xã Vị Thủy"], until=FOLDED)
    lineage(twin, units["Cơ quan Thị trấn Nàng Mau"], kind="duplicate", on=FOLDED)
    units["Sở minh họa"] = version("agency", old["93"], name="Sở minh họa", level="province")
    goes_on(units["Sở minh họa"], new)
    return SimpleNamespace(old=old, new=new, then=then, now=now), units


def year_of(ground, code, year=2023):
    """All units of an old province assessed and published for a year; the campaign."""
    province = ground.old[code]
    campaign = opened(province, year)
    results(campaign, province, spread(everything(campaign)))
    return campaign

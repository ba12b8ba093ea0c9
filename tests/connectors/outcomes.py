"""Every bad input of PBX.md (9.7), and which test holds each phone system and carrier to its outcome.

A cell names tests, or says in a phrase why there is none: ``Never`` where the input cannot occur,
``As`` where the code of another column does the work.
"""

from typing import NamedTuple

from appliance.phone_forms import PLACES
from connectors.registry import KINDS
from tests.connectors.exchanges import NAMES as ASKED
from tests.connectors.families import FAMILIES, SMDR


class Never(NamedTuple):
    """Why the input cannot occur here."""

    why: str


class As(NamedTuple):
    """The column whose tests hold here too, and why."""

    column: str
    why: str


Cell = str | Never | As
Row = tuple[tuple[str, ...], Cell]

BOX = "the box"
CARRIED = tuple(f"by {place}" for place in PLACES)
FAR = tuple(f"by {place}" for place in ("sftp", "smb", "ftps"))
HERE = ("by folder", "by drop")
COLUMNS = (*KINDS, *CARRIED, BOX)

LAID = tuple(FAMILIES)
ONLY_LAID = tuple(name for name in LAID if name not in ASKED)
LISTENING = ("grandstream", "3cx", "yeastar", "yeastar_s", *SMDR)

_C = "tests/connectors/"
_FILES, _ANSWERS, _TREES = (
    f"{_C}test_bad_files.py::",
    f"{_C}test_bad_answers.py::",
    f"{_C}test_trees.py::",
)
_SOUND = "tests/audio/test_refusals.py::"
_CARRIES = (CARRIED, Never("it carries bytes, whatever they hold"))
_FUSION = (("fusionpbx",), As("freeswitch", "it reads recordings as freeswitch does"))
_FEEDS = (("yeastar_s", "3cx-xapi"), Never("its recordings lie in no folder of ours"))
_NO_HTTP = ((*ONLY_LAID, "fusionpbx"), Never("nothing is fetched over HTTP"))


def laid(test: str, but: tuple[str, ...] = (), only: tuple[str, ...] = LAID) -> Row:
    """A test of those that leave recordings in a folder."""
    return tuple(name for name in only if name not in but), _FILES + test


def asked(test: str, but: tuple[str, ...] = (), only: tuple[str, ...] = tuple(ASKED)) -> Row:
    """A test of those that are asked over a network."""
    return tuple(name for name in only if name not in but), _ANSWERS + test


def box(test: str) -> Row:
    """A test of what the box does with what came."""
    return (BOX,), test


def decoded(*names: str, why: str = "only decoding tells") -> Row:
    """What the decoder alone can know."""
    return names or tuple(KINDS), As(BOX, why)


_DECODER = "test_what_a_header_says_is_left_to_the_decoder"
_OVER = "what is listed is over and whole"

TABLE: dict[str, list[Row]] = {
    "empty": [
        laid("test_a_header_without_sound_is_no_recording", but=("grandstream",)),
        laid(_DECODER, only=("grandstream",)),
        asked("test_an_empty_recording_is_named_so"),
        _FUSION,
        _CARRIES,
        box(_SOUND + "test_a_header_without_sound_is_empty"),
    ],
    "truncated_header": [
        laid("test_a_header_left_open_by_a_crash_is_taken_and_marked", but=("grandstream",)),
        laid(_DECODER, only=("grandstream",)),
        asked("test_a_header_left_open_by_a_crash_comes_as_it_is"),
        _FUSION,
        _CARRIES,
        box("tests/audio/test_formats.py::test_a_wav_whose_header_was_never_closed_is_saved"),
    ],
    "still_writing": [
        laid("test_a_file_still_being_written_waits_until_it_is_whole"),
        (("fusionpbx",), f"{_C}test_fusionpbx.py::"
         "test_a_call_waits_for_its_first_leg_and_for_its_recording_to_be_whole"),
        (("yeastar_s", "3cx-xapi"), Never(_OVER)),
        _CARRIES,
        box(f"{_C}test_replay.py::test_no_real_file_is_ever_taken_early"),
    ],
    "vanished": [
        laid("test_a_recording_that_vanished_is_gone"),
        laid("test_a_recording_that_vanishes_before_it_was_told_harms_nothing"),
        asked("test_a_recording_the_phone_system_deleted_has_vanished"),
        (("fusionpbx",), f"{_C}test_fusionpbx.py::"
         "test_a_call_waits_for_its_first_leg_and_for_its_recording_to_be_whole"),
        (HERE, f"{_C}test_mount.py::test_gone_and_away_are_not_the_same"),
        (FAR, _TREES + "test_what_is_gone_is_not_there_and_no_locator_leads_out"),
        box("tests/test_stages_receive.py::"
            "test_a_locator_with_a_hostile_name_reaches_nothing_outside"),
    ],
    "unreadable": [
        laid("test_a_page_named_as_a_recording_is_unreadable", but=("grandstream",)),
        laid("test_a_file_that_may_not_be_read_holds_back_no_other"),
        laid(_DECODER, only=("grandstream",)),
        asked("test_no_sound_is_not_known_before_it_is_decoded"),
        _FUSION,
        (HERE, As("freepbx", "its tests lie in such a folder")),
        (FAR, _TREES + "test_what_the_account_may_not_read_is_counted_and_hides_nothing_else"),
        box(_SOUND + "test_text_named_wav_is_unreadable"),
    ],
    "too_short": [
        decoded(),
        _CARRIES,
        box(_SOUND + "test_less_than_a_third_of_a_second_is_too_short"),
    ],
    "too_long": [
        laid("test_a_recording_larger_than_allowed_is_not_opened"),
        asked("test_a_recording_longer_than_allowed_is_not_taken"),
        _FUSION,
        (HERE, f"{_C}test_mount.py::test_a_file_too_large_is_not_opened"),
        (FAR, _TREES + "test_files_are_read_as_they_were_when_opened"),
        box(_SOUND + "test_a_flac_that_says_it_lasts_a_day_is_refused_before_decoding"),
    ],
    "unknown_codec": [
        decoded(*(kind for kind in KINDS if kind not in ASKED)),
        (tuple(ASKED), f"{_C}test_whole.py::test_a_format_of_the_vendors_own_is_named_so"),
        (("yeastar_s",), f"{_C}test_yeastar_s.py::"
         "test_the_vendors_own_format_has_a_named_outcome"),
        _CARRIES,
        box(_SOUND + "test_an_unknown_codec_inside_a_wav_is_named_so"),
    ],
    "bad_name": [
        laid("test_a_name_of_strange_bytes_is_told_with_its_codes", but=("grandstream",)),
        laid("test_a_name_no_record_speaks_of_is_passed_over", only=("grandstream",)),
        (("yeastar_s", "3cx-xapi"), Never("records tell the call; a name is only shown")),
        _FUSION,
        (HERE, f"{_C}test_mount.py::test_a_locator_is_plain_ascii_and_finds_any_name_again"),
        (FAR, _TREES + "test_any_name_the_server_can_say_is_found_and_opened"),
        box("tests/test_stages_receive.py::"
            "test_a_file_with_a_hostile_name_is_read_like_any_other"),
    ],
    "duplicate_row": [
        laid("test_what_is_told_twice_is_one_call"),
        asked("test_what_is_told_twice_is_one_call"),
        _FUSION,
        (("freepbx",), f"{_C}test_cdr_sql.py::test_two_backends_write_one_record_twice"),
        (CARRIED, Never("it carries files; records lie in them")),
        box("tests/test_store_calls.py::test_a_call_found_five_times_is_received_once"),
    ],
    "cdr_without_file": [
        laid("test_a_record_whose_recording_never_comes_says_so",
             only=("freeswitch", "grandstream", *SMDR)),
        asked("test_a_record_whose_recording_never_comes_says_so_after_a_day",
              but=("grandstream",)),
        asked("test_a_record_is_taken_at_its_word_and_the_recording_missed_when_fetched",
              only=("grandstream",)),
        (("freepbx",), f"{_C}test_cdr_remote.py::"
         "test_a_recording_the_records_name_and_nobody_has_is_said"),
        (("3cx",), f"{_C}test_threecx.py::"
         "test_a_recording_3cx_names_and_nobody_has_is_said_after_a_day"),
        (("fusionpbx",), f"{_C}test_fusionpbx.py::"
         "test_a_named_recording_that_freeswitch_deleted_holds_its_call_for_a_day_only"),
        (("switchvox",), f"{_C}test_switchvox.py::test_an_xml_before_its_sound_waits_for_it"),
        (("folder",), Never("nothing but the recording tells of a call")),
        (CARRIED, Never("it knows no records")),
        box("tests/test_silence.py::test_each_change_for_the_worse_is_named_with_what_to_do"),
    ],
    "file_without_cdr": [
        laid("test_a_recording_without_a_record_says_so_until_it_comes",
             but=("grandstream", "yeastar", "switchvox", "folder")),
        laid("test_a_name_no_record_speaks_of_is_passed_over", only=("grandstream",)),
        (("yeastar",), f"{_C}test_yeastar_cases.py::"
         "test_a_recording_without_a_row_is_told_after_an_hour_and_completed_later"),
        (("fusionpbx",), f"{_C}test_fusionpbx.py::"
         "test_a_recording_no_row_names_is_told_alone_and_given_its_call_later"),
        (("switchvox",), f"{_C}test_switchvox.py::"
         "test_a_late_xml_brings_its_facts_to_the_same_call"),
        (("yeastar_s",), Never("a recording is known from its record alone")),
        (("3cx-xapi",), Never("the list of recordings tells the facts of their calls")),
        (("folder",), Never("there are no call records")),
        (CARRIED, Never("it knows no records")),
        box("tests/test_silence.py::test_each_change_for_the_worse_is_named_with_what_to_do"),
    ],
    "future_time": [
        laid("test_a_time_ahead_is_told_and_marked_and_hides_no_call"),
        asked("test_a_time_ahead_is_told_and_marked_and_hides_no_call"),
        _FUSION,
        (CARRIED, As("freepbx", "a file of tomorrow is a file, and only a call has a time")),
        ((BOX,), Never("it keeps the time it was told, and the code beside it")),
    ],
    "dst_fold": [
        laid("test_an_epoch_tells_which_of_the_two_hours_it_was",
             only=("freepbx", "freeswitch", "grandstream", "yeastar", "switchvox")),
        laid("test_an_hour_that_comes_twice_is_marked_where_nothing_tells_which",
             only=("folder", *SMDR)),
        laid("test_when_a_file_was_closed_tells_which_of_the_two_hours_it_was", only=("3cx",)),
        asked("test_an_epoch_or_a_zone_tells_which_of_the_two_hours_it_was"),
        asked("test_an_hour_that_comes_twice_is_marked_where_nothing_tells_which",
              but=("3cx-xapi",)),
        (("freepbx",), f"{_C}test_telling.py::"
         "test_without_uniqueid_the_zone_decides_and_the_fold_is_flagged"),
        (("fusionpbx",), Never("its database tells epochs and moments with their zone")),
        (CARRIED, Never("it tells moments of no zone")),
        ((BOX,), Never("it keeps moments in UTC")),
    ],
    "encoding": [
        laid("test_a_name_of_strange_bytes_is_told_with_its_codes", but=("grandstream",)),
        laid("test_a_name_no_record_speaks_of_is_passed_over", only=("grandstream",)),
        asked("test_half_a_sign_in_a_callers_name_harms_no_call"),
        (("freepbx",), f"{_C}test_cdr_sql.py::test_old_and_new_columns_and_bytes_of_any_kind"),
        _FUSION,
        (HERE, f"{_C}test_mount.py::test_a_locator_is_plain_ascii_and_finds_any_name_again"),
        (FAR, _TREES + "test_any_name_the_server_can_say_is_found_and_opened"),
        box("tests/test_stages_receive.py::"
            "test_a_file_with_a_hostile_name_is_read_like_any_other"),
    ],
    "path_escape": [
        laid("test_no_locator_leads_out"),
        asked("test_no_locator_leads_elsewhere"),
        (("yeastar",), f"{_C}test_yeastar_cases.py::"
         "test_a_path_that_leads_elsewhere_is_not_followed"),
        _FUSION,
        (("by folder",), f"{_C}test_mount.py::test_a_locator_that_leads_out_is_refused"),
        (("by drop",), "tests/test_drop.py::test_nothing_leads_out_of_an_account"),
        (FAR, _TREES + "test_what_is_gone_is_not_there_and_no_locator_leads_out"),
        box("tests/test_vault.py::test_the_database_cannot_name_a_file_outside_the_vault"),
    ],
    "symlink": [
        laid("test_a_link_is_never_followed"),
        _FUSION,
        _FEEDS,
        (("by folder",), f"{_C}test_mount.py::test_links_are_neither_walked_nor_opened"),
        (("by drop",), "tests/test_drop.py::test_nothing_leads_out_of_an_account"),
        (("by sftp",), f"{_C}test_sftp.py::test_links_are_not_followed"),
        (("by ftps",), f"{_C}test_ftps.py::test_links_are_not_followed"),
        (("by smb",), f"{_C}test_smb.py::"
         "test_links_inside_the_share_are_the_servers_and_those_out_of_it_are_closed"),
        box("tests/test_vault.py::"
            "test_strange_things_in_the_folder_neither_stop_the_sweep_nor_are_touched"),
    ],
    "sidecar_malformed": [
        (("switchvox",), f"{_C}test_switchvox.py::test_a_broken_xml_is_named_and_mended_later"),
        (("folder",), f"{_C}test_sidecars.py::test_damage_and_attacks_have_a_name"),
        (("freeswitch",), f"{_C}test_fusionpbx.py::"
         "test_a_damaged_record_is_counted_and_read_again_when_it_grew"),
        (("grandstream",), f"{_C}test_grandstream.py::"
         "test_damaged_pushed_records_are_counted_and_harm_no_other"),
        (SMDR, f"{_C}test_smdr_records.py::test_damaged_lines_are_counted"),
        (("freepbx",), f"{_C}test_days.py::test_damaged_rows_are_counted_and_passed_over"),
        (("3cx", "3cx-xapi", "fusionpbx", "yeastar", "yeastar_s"),
         Never("no files tell of its calls")),
        _CARRIES,
        ((BOX,), Never("connectors read what lies beside recordings")),
    ],
    "partial_http": [
        asked("test_a_recording_that_breaks_off_is_asked_for_again"),
        _NO_HTTP,
        (HERE, f"{_C}test_mount.py::test_reading_ends_where_the_file_ended_when_opened"),
        (FAR, _TREES + "test_a_file_cut_while_it_is_read_is_told"),
        box("tests/test_vault.py::test_a_source_that_breaks_off_leaves_nothing_in_the_vault"),
    ],
    "html_instead_of_audio": [
        asked("test_a_page_in_place_of_a_recording_is_asked_for_again"),
        _NO_HTTP,
        _CARRIES,
        box(_SOUND + "test_text_named_wav_is_unreadable"),
    ],
    "auth_expired": [
        asked("test_a_session_that_ran_out_is_renewed_without_a_word"),
        asked("test_a_session_taken_back_at_once_has_its_code"),
        asked("test_a_login_that_was_refused_is_tried_twice_then_once_a_day"),
        ((*ONLY_LAID, "fusionpbx"), Never("no session lasts: every look signs in by itself")),
        (FAR, _TREES + "test_a_dropped_connection_is_made_anew"),
        (HERE, Never("nobody signs in to a folder of this box")),
        ((BOX,), Never("sessions are the connectors'")),
    ],
    "share_offline": [
        laid("test_a_share_that_went_away_is_not_believed"),
        asked("test_a_phone_system_that_is_switched_off_changes_nothing"),
        asked("test_a_phone_system_that_does_not_let_us_in_changes_nothing"),
        _FUSION,
        (("by folder",), f"{_C}test_days.py::test_a_share_that_goes_offline_is_not_believed"),
        (("by drop",), Never("it is the box's own disk")),
        (FAR, _TREES + "test_a_server_that_dies_in_between_is_away_and_comes_back"),
        box("tests/test_stages_receive.py::"
            "test_a_share_that_goes_away_leaves_nothing_half_received"),
    ],
    "disk_full": [
        (LISTENING, "tests/test_listener.py::test_a_crowded_disk_is_told_to_the_sender"),
        decoded(*(kind for kind in KINDS if kind not in LISTENING), why="connectors write nothing"),
        (("by drop",), "tests/test_drop.py::"
         "test_quota_and_full_disk_are_refused_in_words_and_lose_nothing"),
        (("by folder", *FAR), Never("it is only read")),
        box("tests/test_vault.py::"
            "test_a_full_disk_while_sealing_postpones_and_work_goes_on_when_there_is_space"),
    ],
}  # fmt: skip


def cells_of(outcome: str, column: str) -> list[Cell]:
    """What stands in a cell."""
    return [cell for columns, cell in TABLE[outcome] if column in columns]

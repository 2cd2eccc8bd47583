//! What the store promises: small named properties, written against the traits.

#![expect(
    clippy::unwrap_used,
    reason = "properties are called by tests, and fail by panicking"
)]

#[path = "store/acts.rs"]
mod acts;
#[path = "store/backup.rs"]
mod backup;
#[path = "store/carrying.rs"]
mod carrying;
#[path = "store/cases.rs"]
mod cases;
#[path = "store/dues.rs"]
mod dues;
#[path = "store/engine.rs"]
mod engine;
#[path = "store/erasure.rs"]
mod erasure;
#[path = "store/events.rs"]
mod events;
#[path = "store/fold.rs"]
mod fold;
#[path = "store/generations.rs"]
mod generations;
#[path = "store/given.rs"]
mod given;
#[path = "store/ledger.rs"]
mod ledger;
#[path = "store/links.rs"]
mod links;
#[path = "store/memory.rs"]
mod memory;
#[path = "store/outbox.rs"]
mod outbox;
#[path = "store/past.rs"]
mod past;
#[path = "store/peppers.rs"]
mod peppers;
#[path = "store/place.rs"]
mod place;
#[path = "store/publication.rs"]
mod publication;
#[path = "store/restored.rs"]
mod restored;
#[path = "store/restrictions.rs"]
mod restrictions;
#[path = "store/sqlite.rs"]
mod sqlite;
#[path = "store/tidying.rs"]
mod tidying;

/// Runs every property on one engine.
macro_rules! conformance {
    ($name:ident, $engine:ty, $($module:ident: { $($property:ident,)* })*) => {
        mod $name {
            use super::engine::Engine as _;
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $property() {
                    super::$module::$property(<$engine>::fresh()).await;
                }
            )*)*
        }
    };
}

/// The list of properties.
macro_rules! every_property {
    ($name:ident, $engine:ty) => {
        conformance! { $name, $engine,
            acts: {
                an_empty_store_knows_nobody,
                what_was_appended_is_found_with_its_standing,
                answers_come_in_the_order_asked,
                an_address_of_another_subject_is_a_conflict_and_writes_nothing,
                a_subject_known_under_another_address_is_a_conflict,
                a_conflict_does_not_disturb_its_neighbours,
                an_act_without_entries_or_with_foreign_ones_is_refused,
                a_repeated_objection_is_appended_again,
                an_older_generation_finds_the_subject_and_gets_the_current_key,
                an_act_is_undone_once,
                fifty_undos_at_once_undo_once,
                an_undo_by_another_subject_or_of_an_unknown_receipt_is_a_conflict,
                a_kept_receipt_returns_its_entries,
                a_receipt_name_used_twice_is_a_conflict_and_writes_nothing,
                standings_equal_the_fold_of_the_histories,
                acts_of_many_addresses_are_appended_together,
                of_many_acts_one_conflict_leaves_none,
            }
            generations: {
                every_key_of_an_act_leads_to_its_subject,
                what_restricts_one_of_two_subjects_restricts_their_address,
                what_was_recorded_of_two_subjects_is_undone_for_both,
            }
            peppers: {
                another_pepper_than_keys_were_made_with_fits_no_more,
                a_generation_is_needed_until_everybody_is_keyed_anew,
            }
            outbox: {
                letters_come_by_rank_and_then_by_their_end_or_in_their_order,
                letters_that_were_put_back_take_turns_with_those_that_never_were,
            }
            past: {
                looking_back_gives_what_held_then_and_what_came_since,
                who_was_erased_since_is_known_as_such,
                looking_back_finds_a_subject_under_every_generation,
            }
            restrictions: {
                a_restriction_joins_the_subject_that_its_address_has,
                restrictions_of_one_new_address_at_once_are_one_subjects,
            }
            cases: {
                a_case_is_kept_with_its_entry_and_its_letter,
                a_taken_reference_or_another_subject_opens_nothing,
                steps_are_taken_once_and_only_while_the_case_is_open,
                old_cases_are_counted_and_then_deleted,
            }
            dues: {
                who_must_be_told_is_found_in_the_order_of_time,
                open_cases_are_counted_as_each_of_them_says,
            }
            events: {
                an_event_is_kept_with_its_entry_and_given_to_one_teller,
                an_act_that_is_refused_tells_nobody,
                what_was_recorded_by_a_clock_that_was_ahead_is_due_at_once,
                a_sink_that_failed_is_left_alone_or_told_nothing,
                the_sinks_of_the_service_are_known_before_they_are_told_anything,
                what_an_entry_takes_back_is_known_by_its_place,
                what_stops_is_told_before_facts_and_consents_also_where_it_failed,
                what_a_sink_does_not_want_is_dropped_and_not_counted,
                what_stops_and_waits_of_who_is_erased_waits_with_the_erasure_and_all_else_goes,
                what_was_told_is_found_by_its_entry_until_it_is_forgotten,
            }
            tidying: {
                what_is_over_is_counted_then_deleted_and_nothing_else,
            }
            erasure: {
                erasure_deletes_what_was_said_and_keeps_what_was_restricted,
                an_erasure_that_does_not_state_what_holds_is_a_conflict,
                what_came_after_an_erasure_was_decided_keeps_it_from_being_done,
                a_restriction_made_meanwhile_is_never_lost_by_an_erasure,
                a_forgotten_address_is_unknown_and_its_place_in_the_ledger_stays,
                after_an_erasure_standings_are_still_the_fold_of_what_is_left,
                of_many_erasures_each_is_done_or_refused_alone,
            }
            ledger: {
                an_act_of_several_entries_lies_together,
                places_have_no_gap_under_many_writers,
                the_ledger_is_read_page_by_page,
                every_commitment_is_that_of_its_payload,
                a_history_is_in_ledger_order,
                standings_are_read_page_by_page,
                a_restart_keeps_everything,
                two_openings_see_each_others_writes_at_once,
                no_answer_is_older_than_what_was_acknowledged,
                what_was_queued_before_closing_is_kept,
            }
            links: {
                a_letter_waits_since_it_was_first_due,
                a_link_comes_with_its_letter_and_opens_one_session,
                of_fifty_who_use_a_link_at_once_one_succeeds,
                a_newer_link_voids_the_older_of_its_address_purpose_and_matter,
                a_letter_too_many_leaves_the_older_link_and_makes_no_new_one,
                a_link_serves_its_own_purpose_and_time,
                five_wrong_codes_close_the_code_and_leave_the_token,
                a_code_is_found_under_an_older_generation,
                looking_at_a_link_does_not_use_it,
                mail_that_came_back_for_good_closes_what_waits_to_be_confirmed,
                what_is_over_is_deleted,
                a_consent_is_asked_for_with_its_link_and_confirmed_once,
                a_consent_is_asked_for_without_a_link_when_letters_are_too_many,
                what_loosens_is_compared_with_what_was_seen,
            }
            publication: {
                a_published_notice_brings_its_rules_into_force,
                versions_follow_one_another,
                versions_are_published_together_or_not_at_all,
                rules_decided_on_an_older_state_are_a_conflict,
                a_restriction_judged_by_other_rules_is_a_conflict,
                rules_are_found_by_digest_when_no_longer_in_force,
                rules_are_found_by_when_they_came_into_force,
                rules_come_into_force_for_every_reader_at_once,
                a_step_of_a_domain_comes_with_its_rules_or_not_at_all,
                a_text_is_kept_once_and_found_by_digest,
                an_api_key_is_kept_listed_and_revoked,
            }
        }
    };
}

every_property!(on_sqlite, super::engine::SqliteFile);

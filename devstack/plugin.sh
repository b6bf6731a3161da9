#!/bin/bash
#
# plugin.sh MODE [PHASE]
#
# What DevStack sources in each of its phases: it says which function of
# lib/synchronizer has its turn, and nothing else.

# shellcheck source=devstack/lib/synchronizer
source "$SYNCHRONIZER_DIR/devstack/lib/synchronizer"

if is_service_enabled synchronizer; then
    case "${1:-} ${2:-}" in
        'stack install')
            echo_summary "Installing Synchronizer"
            install_synchronizer
            ;;
        'stack post-config')
            # Keystone, the database and the broker run, the services that
            # are copied do not yet: they start with what is set here
            echo_summary "Configuring Synchronizer"
            configure_synchronizer
            ;;
        'stack extra')
            echo_summary "Initializing Synchronizer"
            init_synchronizer
            echo_summary "Starting Synchronizer"
            start_synchronizer
            ;;
        'unstack '*)
            echo_summary "Stopping Synchronizer"
            stop_synchronizer
            ;;
        'clean '*)
            echo_summary "Removing Synchronizer"
            cleanup_synchronizer
            ;;
    esac
fi

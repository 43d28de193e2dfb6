using System.CommandLine;
using System.Diagnostics;
using Blobs.Cli.Registries;
using Blobs.Cli.Stores;
using Blobs.Distribution.Storage;
using Blobs.Distribution.Verification;
using Blobs.Transfer;
using Blobs.Verification;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs verify</c>: checks a data root or a registry's store against its digests.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        Option<string> root = CommonOptions.Root();
        root.Description = "Docker data root, store of podman (containers/storage), or a place: containers-storage:[DIR], "
            + "containerd:[NAMESPACE]; $BLOBS_ROOT sets the default.";
        var containerd = new ContainerdAccessOptions();
        Option<string> store = CommonOptions.Store();
        store.Description = "Registry's directory or bucket, to verify it. Default: $BLOBS_STORE, unless --root or $BLOBS_ROOT is set.";
        store.DefaultValueFactory = null;
        var stores = new StorePlaceOptions(store);
        var jobs = new Option<int?>("--jobs")
        {
            Description = "Layers and blobs to read at once. Default: the number of processors.",
            HelpName = "N",
        };
        var state = new Option<string?>("--state")
        {
            Description = "Note in FILE what is correct, and skip what is noted there: an interrupted run can be resumed.",
            HelpName = "FILE",
        };
        Option<bool> json = CommonOptions.Json();
        Option<bool> quiet = CommonOptions.Quiet();
        var command = new Command("verify", "Check every file of a data root or a store against its digests.")
        {
            root, jobs, state, json, quiet,
        };
        stores.AddTo(command);
        containerd.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(root) is { Implicit: false } && result.GetResult(store) is { Implicit: false })
            {
                result.AddError("--root and --store cannot be combined.");
            }

            if (result.GetValue(jobs) is < 1)
            {
                result.AddError("--jobs takes a number, 1 or more.");
            }
        });
        command.Runs(WhenCancelled, async (arguments, cancellationToken) =>
        {
            var clock = Stopwatch.StartNew();
            bool isQuiet = arguments.GetValue(quiet) || arguments.GetValue(json);
            VerifyReport report = await VerifyProgress.RunAsync(isQuiet, async progress =>
            {
                var options = new VerifyOptions
                {
                    Jobs = arguments.GetValue(jobs),
                    StateFile = arguments.GetValue(state),
                    Progress = progress,
                };
                if (StoreOf(arguments) is { } text)
                {
                    StorePlace found = stores.Of(arguments, text);
                    if (found.Bucket is null)
                    {
                        return await StoreVerifier.RunAsync(text, options, cancellationToken).ConfigureAwait(false);
                    }

                    IRegistryStorage bucket = await found.OpenExistingAsync(cancellationToken).ConfigureAwait(false);
                    return await StorageVerifier.RunAsync(bucket, found.Name, options, cancellationToken).ConfigureAwait(false);
                }

                ImagePlace place = containerd.Locate(arguments, RootPlace.Of(arguments, arguments.GetRequiredValue(root)));
                return await ImageVerification.RunAsync(place, options, cancellationToken).ConfigureAwait(false);
            }).ConfigureAwait(false);

            VerifyResult result = VerifyResult.From(report, clock.Elapsed);
            if (arguments.GetValue(json))
            {
                Output.WriteJson(result, VerifyJson.Default.VerifyResult);
            }
            else
            {
                result.WriteText(Console.Out, arguments.GetValue(quiet));
            }

            string wrong = report.Findings.Count == 1 ? "1 problem found" : $"{report.Findings.Count} problems found";
            string unreadable = report.Failures is [var first, ..]
                ? $"{report.Failures.Count} could not be read, the first: {first.Why}"
                : "";
            switch (report)
            {
                case { Findings.Count: > 0, Failures.Count: > 0 }:
                    throw new WorkFailedException($"{wrong}; {unreadable}");
                case { Findings.Count: > 0 }:
                    throw new WorkFailedException(wrong);
                case { Failures.Count: > 0 }:
                    throw new WorkFailedException(unreadable);
            }
        });
        string WhenCancelled(ParseResult arguments) => arguments.GetValue(state) is { } file
            ? $"what was correct so far is noted in {file}"
            : "nothing was changed";

        string? StoreOf(ParseResult arguments) => arguments.GetResult(root) is { Implicit: false }
            ? null
            : arguments.GetValue(store) ?? (CommonOptions.RootVariable is null ? CommonOptions.StoreVariable : null);

        return command.With(
            "blobs verify --root /var/lib/docker",
            "blobs verify --root /var/lib/containers/storage",
            "blobs verify --store /var/lib/registry --jobs 4 --state verify.state --json");
    }
}

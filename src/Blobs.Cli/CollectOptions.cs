using System.CommandLine;
using Blobs.Distribution.Collection;

namespace Blobs.Cli;

/// <summary>Options of garbage collection that <c>gc</c> and <c>serve</c> share.</summary>
internal sealed class CollectOptions
{
    private static readonly CollectionOptions Defaults = new();

    private readonly Option<TimeSpan?> _minimumAge = DurationOption.Create(
        "--min-age",
        "Delete nothing younger than this; `gc` and all `serve` on a store should agree. Default: 24h.");

    private readonly Option<bool> _untagged = new("--untagged")
    {
        Description = "Also delete manifests without a tag, unless a manifest that stays lists them or is their subject.",
    };

    private readonly Option<int?> _keepTags = Positive("--keep-tags", "Keep the newest N tags of each repository, remove the others.", 0);

    private readonly Option<TimeSpan?> _olderThan = DurationOption.Create(
        "--older-than", "Remove tags that were pushed longer ago; with --keep-tags only those that both would remove.");

    private readonly Option<string[]> _repositories = new("--repository")
    {
        Description = "Remove tags and untagged manifests only in repositories whose names match, such as 'ci/*'; repeatable.",
        HelpName = "PATTERN",
    };

    private readonly Option<int?> _rate = Positive("--rate", "Send the store at most N requests in a second.", 1);

    private readonly Option<TimeSpan?> _lease = DurationOption.Create(
        "--lease", "How long a collection that is not heard of keeps others out of an object store. Default: 5m.");

    private readonly Option<TimeSpan?> _leaseMargin = DurationOption.Create(
        "--lease-margin", "How much longer others wait, for requests that are on their way. Default: 1m.");

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])
            [_minimumAge, _untagged, _keepTags, _olderThan, _repositories, _rate, _lease, _leaseMargin])
        {
            command.Options.Add(option);
        }
    }

    public CollectionOptions Read(ParseResult arguments) => new()
    {
        MinimumAge = arguments.GetValue(_minimumAge) ?? Defaults.MinimumAge,
        Untagged = arguments.GetValue(_untagged),
        Retention = new TagRetention
        {
            KeepTags = arguments.GetValue(_keepTags),
            OlderThan = arguments.GetValue(_olderThan),
            Repositories = arguments.GetValue(_repositories) ?? [],
        },
        RequestsPerSecond = arguments.GetValue(_rate),
        Lease = arguments.GetValue(_lease) ?? Defaults.Lease,
        LeaseMargin = arguments.GetValue(_leaseMargin) ?? Defaults.LeaseMargin,
    };

    private static Option<int?> Positive(string name, string description, int least)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() < least)
            {
                result.AddError($"{name} must be at least {least}.");
            }
        });
        return option;
    }
}

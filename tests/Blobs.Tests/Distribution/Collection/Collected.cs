using System.Collections.Concurrent;
using Blobs.Distribution.Collection;
using Blobs.Distribution.Storage;
using Blobs.Hashing;

namespace Blobs.Tests.Distribution.Collection;

/// <summary>A collection that is over: its report, and the names of everything that it deleted.</summary>
internal sealed class Collected : IProgress<CollectedItem>
{
    private readonly ConcurrentBag<CollectedItem> _items = [];

    public CollectionReport Report { get; private set; } = new();

    public Digest[] Blobs => [.. Names(CollectedKind.Blob).Select(name => Digest.Parse(name)).Order()];

    public string[] Manifests => Names(CollectedKind.Manifest);

    public string[] Links => Names(CollectedKind.Link);

    public string[] Tags => Names(CollectedKind.Tag);

    public string[] Uploads => Names(CollectedKind.Upload);

    public string[] All => [.. _items.Select(item => $"{item.Kind} {item.Name} {item.Bytes}").Order(StringComparer.Ordinal)];

    /// <summary>Collects what is old at once, unless the options say otherwise.</summary>
    public static async Task<Collected> RunAsync(IRegistryStorage storage, CollectionOptions? options = null)
    {
        var collected = new Collected();
        options ??= new CollectionOptions { MinimumAge = TimeSpan.Zero };
        collected.Report = await new RegistryCollector(storage).RunAsync(options with { Deleted = collected });
        Assert.Equal(collected.Report.Blobs, collected.Blobs.Length);
        Assert.Equal(collected.Report.Manifests, collected.Manifests.Length);
        Assert.Equal(collected.Report.Links, collected.Links.Length);
        Assert.Equal(collected.Report.Tags, collected.Tags.Length);
        Assert.Equal(collected.Report.Uploads, collected.Uploads.Length);
        return collected;
    }

    void IProgress<CollectedItem>.Report(CollectedItem value) => _items.Add(value);

    private string[] Names(CollectedKind kind) =>
        [.. _items.Where(item => item.Kind == kind).Select(item => item.Name).Order(StringComparer.Ordinal)];
}

using Blobs.Containerd.Api;
using Blobs.Hashing;
using Google.Protobuf.WellKnownTypes;

namespace Blobs.Containerd;

/// <summary>The labels of content.</summary>
internal static class ContentLabels
{
    private const string SourcePrefix = "containerd.io/distribution.source.";
    private const int LabelBytesMax = 4096;

    /// <summary>The DiffID of a layer's blob.</summary>
    public const string Uncompressed = "containerd.io/uncompressed";

    /// <summary>Keeps a config in front of the collector.</summary>
    public const string Config = "containerd.io/gc.ref.content.config";

    /// <summary>Keeps the tree of all layers alive.</summary>
    public static string Snapshot(string snapshotter) => $"containerd.io/gc.ref.snapshot.{snapshotter}";

    /// <summary>Keeps a layer's blob alive.</summary>
    public static string Layer(int index) => FormattableString.Invariant($"containerd.io/gc.ref.content.l.{index}");

    /// <summary>Says which repository of a registry has the content, so that a push can mount it.</summary>
    /// <param name="repository">Registry and repository: <c>docker.io/library/alpine</c>.</param>
    public static KeyValuePair<string, string>? Source(string? repository)
    {
        int slash = repository?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        return slash > 0 ? KeyValuePair.Create(SourcePrefix + repository![..slash], repository[(slash + 1)..]) : null;
    }

    /// <summary>Sets labels of content that exists. Repositories are added to those that are known.</summary>
    public static async Task SetAsync(
        Services services, Digest digest, IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken)
    {
        if (labels.Count == 0)
        {
            return;
        }

        InfoResponse found = await services.Content
            .InfoAsync(new InfoRequest { Digest = $"{digest}" }, cancellationToken: cancellationToken).ConfigureAwait(false);
        var changed = new Info { Digest = $"{digest}" };
        foreach ((string key, string value) in labels)
        {
            string? old = found.Info.Labels.TryGetValue(key, out string? has) ? has : null;
            string merged = key.StartsWith(SourcePrefix, StringComparison.Ordinal) ? Merged(key, old, value) : value;
            if (merged != old)
            {
                changed.Labels[key] = merged;
            }
        }

        if (changed.Labels.Count > 0)
        {
            var mask = new FieldMask();
            mask.Paths.Add(changed.Labels.Keys.Select(key => $"labels.{key}"));
            var request = new UpdateRequest { Info = changed, UpdateMask = mask };
            await services.Content.UpdateAsync(request, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
    }

    private static string Merged(string key, string? old, string added)
    {
        string merged = string.Join(',', (old?.Split(',') ?? []).Append(added).Distinct().Order(StringComparer.Ordinal));
        return key.Length + merged.Length <= LabelBytesMax ? merged : old ?? added;
    }
}

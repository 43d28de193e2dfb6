using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Json;
using Blobs.Json.Internal;

namespace Blobs.Oci.Internal;

/// <summary>
/// The <c>json</c> of a layer, as docker before 1.10 wrote it, and the config that dockerd 20.10 makes from it (package
/// image/v1): before 1.8.3 only the members that dockerd knows, later all members except those that became meaningless.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class LegacyConfig
{
    // The first docker version that left out members without a value.
    private static readonly int[] FirstKept = [1, 8, 3];

    private static readonly string[] Dropped = ["id", "parent", "Size", "parent_id", "layer_id", "throwaway"];

    private readonly byte[] _json;
    private readonly ImageConfigJson _read;

    private LegacyConfig(byte[] json, ImageConfigJson read, string? parent)
    {
        _json = json;
        _read = read;
        Parent = parent;
    }

    /// <summary>Id of the parent layer; null for the base layer.</summary>
    public string? Parent { get; }

    /// <summary>The layer's step in the history.</summary>
    public HistoryEntry Step => new()
    {
        Created = GoTime.Normalize(_read.Created) ?? GoTime.Zero,
        Author = _read.Author,
        CreatedBy = string.Join(' ', _read.ContainerConfig?.Cmd ?? []),
        Comment = _read.Comment,
    };

    /// <exception cref="MalformedDataException">It is not JSON, or a member has another type.</exception>
    public static LegacyConfig Parse(byte[] json, string what)
    {
        using GoDocument document = GoDocument.Parse(json, what, Fault.ConfigSyntax);
        string? parent = document.Root.Object()["parent"].Text();
        return new LegacyConfig(json, ImageConfigJson.Read(json), string.IsNullOrEmpty(parent) ? null : parent);
    }

    /// <summary>The config of the image whose top layer this is.</summary>
    /// <param name="diffIds">All its layers, this one last.</param>
    /// <param name="history">All its steps, this one last.</param>
    public ImageConfig ToConfig(IReadOnlyList<DiffId> diffIds, IReadOnlyList<HistoryEntry> history)
    {
        var draft = new ImageDraft { DiffIds = diffIds, History = history };
        return IsBefore(_read.DockerVersion ?? "") ? (draft with
        {
            Comment = _read.Comment,
            Created = _read.Created,
            Container = _read.Container,
            ContainerConfig = Known(_read.ContainerConfig ?? new RunConfig()),
            DockerVersion = _read.DockerVersion,
            Author = _read.Author,
            Config = _read.Config is { } config ? Known(config) : null,
            Platform = _read.Platform with { OsVersion = null, OsFeatures = null },
        }).ToConfig() : draft.ToConfig(Kept());
    }

    private static RunConfig Known(RunConfig config) => config with { Unknown = UnknownMembers.None };

    // Compares numbers separated by points; anything else counts as zero.
    private static bool IsBefore(string version)
    {
        string[] parts = version.Split('.');
        for (int i = 0; i < Math.Max(parts.Length, FirstKept.Length); i++)
        {
            _ = int.TryParse(parts.ElementAtOrDefault(i), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number);
            int compared = number.CompareTo(FirstKept.ElementAtOrDefault(i));
            if (compared != 0)
            {
                return compared < 0;
            }
        }

        return false;
    }

    // The last of several members with the same name counts.
    private IEnumerable<(string Name, byte[] Json)> Kept()
    {
        using JsonDocument document = JsonDocument.Parse(_json, new JsonDocumentOptions { MaxDepth = GoDocument.DepthMax });
        var members = new Dictionary<string, byte[]>();
        foreach (JsonProperty member in document.RootElement.EnumerateObject())
        {
            members[GoValue.NameOf(member)] = GoJson.Compact(UnknownMembers.Bytes(member.Value));
        }

        return members.Where(member => !Dropped.Contains(member.Key) && member.Key is not ("rootfs" or "history"))
            .Select(member => (member.Key, member.Value));
    }
}

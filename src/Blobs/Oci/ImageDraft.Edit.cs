using System.Text.Json;
using Blobs.Json;
using Blobs.Json.Internal;
using Blobs.Oci.Internal;

namespace Blobs.Oci;

/// <content>Changes an existing config.</content>
public sealed partial record ImageDraft
{
    // Members that are objects or lists, which are changed member by member.
    private static readonly string[] Nested = ["config", "rootfs", "history"];

    /// <summary>Writes the config by changing an existing one: members that are equal in both keep their bytes and their
    /// position, known or not. A history entry of the original, or of one of the others, keeps its bytes.</summary>
    /// <param name="original">The config to change.</param>
    /// <param name="others">Other configs that <see cref="History"/> has entries of.</param>
    public ImageConfig ToConfig(ImageConfig original, params IReadOnlyList<ImageConfig> others)
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(others);
        using JsonDocument document = JsonDocument.Parse(original.Bytes, JsonEdit.Options);
        JsonElement root = document.RootElement;
        if (Array.Exists(Nested, name => IsRepeated(root, name)))
        {
            // Go merges such members; there is no single place to keep.
            return ToConfig();
        }

        var changes = new List<(string Name, byte[]? Json)>(TextChanges(From(original)));
        IReadOnlyList<(string Name, byte[]? Json)> run = RunConfigWriter.Changes(original.Config, Config ?? new RunConfig());
        if (run.Count > 0)
        {
            changes.Add(("config", JsonEdit.Replace(JsonEdit.Find(root, "config"), run)));
        }

        if (!DiffIds.SequenceEqual(original.DiffIds))
        {
            byte[] diffIds = Json(list => list.Strings(DiffIds.Select(id => id.ToString())));
            changes.Add(("rootfs", JsonEdit.Replace(JsonEdit.Find(root, "rootfs"), [("diff_ids", diffIds)])));
        }

        if (!History.SequenceEqual(original.History, ReferenceEqualityComparer.Instance))
        {
            changes.Add(("history", History.Count > 0 ? JsonEdit.Array(Steps([original, .. others])) : null));
        }

        return changes.Count == 0 ? original : ImageConfig.Parse(JsonEdit.Replace(root, changes));
    }

    private IEnumerable<(string Name, byte[]? Json)> TextChanges(ImageDraft old) =>
        Texts().Zip(old.Texts())
            .Where(pair => !pair.First.Json.AsSpan().SequenceEqual(pair.Second.Json))
            .Select(pair => pair.First);

    private IEnumerable<(string Name, byte[]? Json)> Texts() =>
    [
        ("created", Text(Created)),
        ("author", Text(Author)),
        ("comment", Text(Comment)),
        ("architecture", Text(Platform.Architecture)),
        ("variant", Text(Platform.Variant)),
        ("os", Text(Platform.Os)),
        ("os.version", Text(Platform.OsVersion)),
        ("os.features", Platform.OsFeatures is { Count: > 0 } features ? Json(json => json.Strings(features)) : null),
    ];

    private IEnumerable<byte[]> Steps(IEnumerable<ImageConfig> sources)
    {
        var written = new Dictionary<HistoryEntry, byte[]>(ReferenceEqualityComparer.Instance);
        foreach (ImageConfig source in sources)
        {
            using JsonDocument document = JsonDocument.Parse(source.Bytes, JsonEdit.Options);
            foreach ((HistoryEntry step, JsonElement json) in source.History.Zip(JsonEdit.Elements(document.RootElement, "history")))
            {
                written.TryAdd(step, UnknownMembers.Bytes(json));
            }
        }

        return [.. History.Select(step => written.GetValueOrDefault(step) ?? StepJson(step, withoutTime: null))];
    }

    private static bool IsRepeated(JsonElement value, string name) =>
        value.EnumerateObject().Count(member => UnknownMembers.Match([name], GoValue.NameOf(member)) is not null) > 1;
}

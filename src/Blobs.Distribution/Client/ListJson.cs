using Blobs.Json.Internal;

namespace Blobs.Distribution.Client;

/// <summary>A page of a list: of tags, or of repositories. Registries 2.x write <c>null</c> for an empty one.</summary>
internal sealed record ListJson
{
    public IReadOnlyList<string>? Tags { get; init; }

    public IReadOnlyList<string>? Repositories { get; init; }

    public static ListJson Read(GoObject json) => new()
    {
        Tags = json["tags"].Texts(),
        Repositories = json["repositories"].Texts(),
    };
}

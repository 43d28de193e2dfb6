using System.Collections.ObjectModel;

namespace Blobs.Docker.Layers;

/// <summary>What was removed, in order of removal, and the layers that are kept although no image and no container
/// needs them.</summary>
/// <typeparam name="T">The type that describes each removed item.</typeparam>
public sealed class Removal<T> : ReadOnlyCollection<T>
{
    internal Removal(IList<T> removed, IReadOnlyList<KeptLayer> kept, string? problem)
        : base(removed)
    {
        Kept = kept;
        Problem = problem;
    }

    /// <summary>Layers that BuildKit's cache needs, or may need if there is a <see cref="Problem"/>. The layers below
    /// them are kept too.</summary>
    public IReadOnlyList<KeptLayer> Kept { get; }

    /// <summary>A one-line explanation of why it is unknown what BuildKit's cache needs; in that case no layer was
    /// removed. Null if it is known, or if nothing was to be removed.</summary>
    public string? Problem { get; }
}

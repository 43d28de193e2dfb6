using System.ComponentModel;

namespace Blobs.Images.Internal;

/// <summary>How many layers are transferred in parallel.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class LayersAtOnce
{
    /// <summary>The number that was asked for; else 2 to 4, depending on the processors of the machine.</summary>
    public static int Of(int? asked) => asked ?? Math.Clamp(Environment.ProcessorCount, 2, 4);
}

using System.ComponentModel;
using Blobs.Pipeline;

namespace Blobs.Images.Internal;

/// <summary>Tells a transfer's listener about one layer, in the words of the pipeline that reads it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class TransferReport(IProgress<TransferProgress>? listener, string layer, long? totalBytes) : IProgress<LayerProgress>
{
    public void Report(LayerProgress value) => Report(TransferStep.Reading, value.CompressedBytes);

    public void Report(TransferStep step, long bytes) => listener?.Report(new TransferProgress(layer, step, bytes, totalBytes));
}

using System.ComponentModel;
using Blobs.Pipeline;

namespace Blobs.Images.Internal;

/// <summary>Reports the progress of one layer; converts that of the pipeline to that of the transfer.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class TransferReport(IProgress<TransferProgress>? listener, string layer, long? totalBytes) : IProgress<LayerProgress>
{
    public void Report(LayerProgress value) => Report(TransferStep.Reading, value.CompressedBytes);

    public void Report(TransferStep step, long bytes) => listener?.Report(new TransferProgress(layer, step, bytes, totalBytes));
}

using System.Runtime.InteropServices;

namespace Blobs.Erofs;

/// <summary>Chunks of a sparse file that lie behind each other in the image.</summary>
/// <param name="FirstChunk">The first of them.</param>
/// <param name="ChunkCount">How many.</param>
/// <param name="StartBlock">The block where the first begins.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct ErofsRun(uint FirstChunk, uint ChunkCount, uint StartBlock);

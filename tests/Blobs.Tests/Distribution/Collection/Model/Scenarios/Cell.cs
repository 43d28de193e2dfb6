namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <summary>A key in the store.</summary>
/// <param name="Name">How a trace names it.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Item">The item that it belongs to: what is condemned and claimed as one.</param>
/// <param name="Repository">Its repository; bytes are in none.</param>
internal sealed record Cell(string Name, CellKind Kind, int Item, int Repository = 0)
{
    /// <summary>How a trace names it when a DELETE of it comes too late.</summary>
    public string RefusedName { get; } = $"{Name}, refused: a later run has begun";
}

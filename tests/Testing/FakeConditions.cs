namespace Blobs.Testing;

/// <summary>What a store does with conditions on writes.</summary>
public enum FakeConditions
{
    /// <summary>Keeps them; versions stand in them without quotes.</summary>
    Kept,

    /// <summary>Keeps them; versions stand in them with quotes.</summary>
    Quoted,

    /// <summary>Keeps <c>If-None-Match</c>, and ignores <c>If-Match</c>.</summary>
    CreateOnly,

    /// <summary>Ignores them.</summary>
    Ignored,

    /// <summary>Answers 501.</summary>
    Unknown,
}
